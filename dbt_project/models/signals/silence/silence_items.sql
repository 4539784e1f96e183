-- What an account let out that silence is measured by: ads, texts of the press, and new
-- words on its pages.
select
    account_id,
    source,
    url,
    known_at,
    after_visit_id
from {{ ref('hiring_openings') }}
union all
select
    account_id,
    source,
    url,
    first_seen_at as known_at,
    after_visit_id
from {{ ref('attention_documents') }}
where channel = 'press' and not is_old
union all
select
    account_id,
    source,
    url,
    known_at,
    after_visit_id
from {{ ref('hist_pages') }}
where change_class = 'content'
