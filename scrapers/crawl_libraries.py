"""The libraries of a crawl, imported by the server that crawls are forked from.

Only what starts no thread: a fork has the one thread that forked, and waits for ever
for a lock that another held. So neither Polars, which starts three when imported, nor
what imports it stands here; and no reactor, which each crawl installs for itself.
"""

import aiohttp
import lxml.html
import rapidfuzz.fuzz
import scrapy.core.downloader.handlers.http11
import scrapy.core.engine
import scrapy.core.scraper
import scrapy.crawler
import scrapy.downloadermiddlewares.redirect
import scrapy.downloadermiddlewares.robotstxt
import scrapy.http
import scrapy.spidermiddlewares.referer
import scrapy.spiders
import scrapy.utils.defer
import scrapy.utils.reactor
import selectolax.lexbor
import simplemma
import tldextract
import twisted.internet.asyncioreactor
import yaml

LIBRARIES = (
    aiohttp,
    lxml.html,
    rapidfuzz.fuzz,
    scrapy,
    selectolax.lexbor,
    simplemma,
    tldextract,
    twisted.internet.asyncioreactor,
    yaml,
)
