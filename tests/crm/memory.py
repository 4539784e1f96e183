"""A made-up CRM in memory, which a test tells what to answer, record by record.

No HTTP and no vendor: what the engine makes of answers is tested with it, in a moment.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from orchestration.crm.destinations.protocol import (
    ACCOUNT,
    TASK,
    Held,
    Outcome,
    RemoteCompany,
    RemoteField,
    Terms,
    Write,
)
from orchestration.crm.fault import CrmRefused
from orchestration.crm.field_map import load_field_map, map_file
from tests.crm import desk

# What may come of a record, in a test's words: `taken`; `refused` for good; `busy` and
# `later`, nothing done; `lost`, done and the answer did not come; `cut`, neither.
ANSWERS = ("taken", "refused", "busy", "later", "lost", "cut")
_STATUS = {"refused": "rejected", "busy": "busy", "later": "retryable"}


class Memory:
    """Companies and tasks by id. It bears the fields of HubSpot's map."""

    name = "hubspot"
    kinds = (ACCOUNT, TASK)

    def __init__(
        self,
        answer: Callable[[Write], str] = lambda write: "taken",
        **terms: Any,
    ) -> None:
        self.answer = answer
        self.terms = Terms(**{"batch_size": 100} | terms)
        self.maps = {
            kind: load_field_map(map_file(self.name, kind)) for kind in self.kinds
        }
        self.held: dict[str, dict[str, dict[str, str]]] = {k: {} for k in self.kinds}
        self.people: dict[str, RemoteCompany] = {}
        self.batches: list[tuple[str, list[Write]]] = []
        self.taken: Counter[tuple[Any, ...]] = Counter()
        self.calls = 0
        self.is_token_good = True

    def company(self, i: int) -> str:
        """A company that people made."""
        made = f"c{i}"
        self.people[made] = RemoteCompany(made, f"Oppdiktet {i}", desk.org_number(i))
        self.held[ACCOUNT][made] = {}
        return made

    def of_key(self, kind: str, key: str) -> list[str]:
        """Ids of the records that bear a key of ours."""
        name = self.maps[kind].key
        return [i for i, said in self.held[kind].items() if said.get(name) == key]

    def describe(self, kind: str) -> Mapping[str, RemoteField]:
        field_map = self.maps[kind]
        return {
            f.field: RemoteField(f.field, f.type, None, f.options)
            for f in field_map.made
        } | {field_map.key: RemoteField(field_map.key, "text")}

    def create_fields(self, kind: str, names: Sequence[str]) -> None:
        pass

    def companies(self) -> Iterator[RemoteCompany]:
        return iter(self.people.values())

    def find(self, kind: str, keys: Sequence[str]) -> list[Held]:
        self.calls += 1
        return [self._held(kind, i) for key in keys for i in self.of_key(kind, key)]

    def read(self, kind: str, remote_ids: Sequence[str]) -> dict[str, Held]:
        self.calls += 1
        return {i: self._held(kind, i) for i in remote_ids if i in self.held[kind]}

    def write(self, kind: str, writes: Sequence[Write]) -> list[Outcome]:
        self.calls += 1
        if not self.is_token_good:
            raise CrmRefused("hubspot: refused (401)")
        self.batches.append((kind, list(writes)))
        return [self._written(kind, write) for write in writes]

    def _written(self, kind: str, write: Write) -> Outcome:
        told = self.answer(write)
        if told in _STATUS:
            return Outcome(write.key, _STATUS[told], reason=f"made up: {told}")
        if told == "cut":
            return Outcome(write.key, "unknown", reason="made up: no answer")
        made = write.remote_id
        if made is None:
            # No upsert: a second creation is a second record, as at many a CRM.
            made = f"{kind[0]}-made-{len(self.held[kind])}"
            self.held[kind][made] = {}
        said = self.held[kind][made]
        said |= {self.maps[kind].key: write.key, **write.values}
        for name in write.clear:
            said.pop(name, None)
        told_values = tuple(sorted(write.values.items()))
        self.taken[kind, write.key, told_values, write.clear] += 1
        if told == "lost":
            return Outcome(write.key, "unknown", reason="made up: no answer")
        return Outcome(write.key, "accepted", made)

    def _held(self, kind: str, record_id: str) -> Held:
        said, field_map = self.held[kind][record_id], self.maps[kind]
        values = {name: said.get(name) for name in field_map.names}
        return Held(said.get(field_map.key), record_id, values)
