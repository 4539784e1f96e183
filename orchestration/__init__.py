"""Order, decide, deliver: the graph, the score, the published tables and the CRM."""
