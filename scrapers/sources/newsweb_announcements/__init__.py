"""Stock exchange announcements of NewsWeb (Oslo Børs)."""
