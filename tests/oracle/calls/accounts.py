"""The account and the group of a usage call: nine sources, the first that gives one."""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from tests.oracle.calls.groups import ACCOUNT, Groups, GroupTypes
from tests.oracle.calls.known import KnownCall
from tests.oracle.calls.links import Actors
from tests.oracle.calls.plan import SWITCHED, TrackingPlan
from tests.oracle.calls.traits_at import TraitHistory
from tests.oracle.calls.values import id_text, is_present, name_key
from tests.oracle.inputs import CompanyInputs, own_or_default

Named = list[tuple[str, str]]
"""Types as sent, and ids, in the order in which "the first id" is looked for."""


@dataclass(frozen=True)
class Attribution:
    """Which account a usage call counts for, and how it was found. No account: unattributed."""

    call: KnownCall
    actor: str
    named: Named
    account: str | None
    source: str | None
    group: str | None
    is_conflict: bool


class Accounts:
    """Everything that the calls of a company say about its customers' structure."""

    def __init__(self, inputs: CompanyInputs, calls: list[KnownCall], imported: Collection[str]):
        self.inputs = inputs
        self.calls = calls
        self.imported = imported
        self.actors = Actors(calls)
        rows = own_or_default(inputs.seeds["group_types"], inputs.company_id, "group_type")
        self.types = GroupTypes(rows)
        self.plan = TrackingPlan(inputs)
        self.names = {call: self._names(call) for call in calls}
        named = [pair for pairs in self.names.values() for pair in pairs]
        self.groups = Groups(calls, self.types, named)
        self.user_traits = TraitHistory(
            (self.actors.actor(call), call)
            for call in calls
            if call.kind != "group" and self.actors.actor(call)
        )

    @cached_property
    def attributions(self) -> list[Attribution]:
        return [self._attribution(call) for call in self.calls if call.is_usage]

    def _names(self, call: KnownCall) -> Named:
        """The groups that a call names; of Mixpanel also properties that are group types."""
        found = list(call.groups_sent)
        if call.vendor == "mixpanel" and call.is_usage:
            for name, value in call.properties_sent.items():
                if name_key(name) in self.types.names:
                    found += [(name, group) for group in ids_of(value)]
        return sorted(found, key=lambda pair: pair[0])

    def _attribution(self, call: KnownCall) -> Attribution:
        when, named = call.occurred_at, self.names[call]
        account, source, setting = self._source(call, named, when)
        actor = self.actors.actor(call)
        if account is None:
            return Attribution(call, actor, named, None, None, None, False)
        group = self._group(
            account, named if setting is None else setting, self.plan.level_of(call), when
        )
        others = self._accounts_named(named, when) - {None, account}
        return Attribution(call, actor, named, account, source, group, bool(others))

    def _source(
        self, call: KnownCall, named: Named, when: datetime
    ) -> tuple[str | None, str | None, Named | None]:
        """The account, its source, and the groups of the call that had set it."""
        groups, actor = self.groups, self.actors.actor(call)
        if call.account_id is not None:
            return groups.account_at(call.account_id, when), "property", None
        account = self._by_groups(named, when)
        if account is not None:
            return account, "group", None
        application = self.inputs.applications[call.app_id]
        if application.is_instance_level and call.user_id is not None:
            return groups.account_at(call.user_id, when), "instance", None
        setting = self._set_before(call.app_id, actor, when)
        if setting is not None:
            return *self.set_by(setting, when), self.names[setting]
        for trait, source in (("account_id", "identify"), ("primary_account_id", "primary")):
            ids = ids_of(read_list(self.user_traits.text_at(actor, trait, when)))
            if ids:
                return groups.account_at(ids[0], when), source, None
        setting = self._set_after(call.app_id, actor, when)
        if setting is not None:
            return self.set_by(setting, when)[0], "later", self.names[setting]
        defined = self._deepest([g for _, g in named if g in groups.defined], when)
        if defined is not None:
            return groups.chain_at(defined, when)[-1], "top_group", None
        for sent, group in named:
            kind = self.types.mapped(sent)
            if group not in groups.defined and kind not in self.types.levels:
                return group, "undefined_group", None
        return None, None, None

    def _accounts_named(self, named: Named, when: datetime) -> set[str | None]:
        """The accounts that defined ids of a call stand for."""
        groups = self.groups
        return {
            groups.account_at(group, when)
            if self.types.mapped(sent) == ACCOUNT
            else groups.account_in_chain(group, when)
            for sent, group in named
            if group in groups.defined
        }

    def _by_groups(self, named: Named, when: datetime) -> str | None:
        """Rule 2."""
        groups = self.groups
        for sent, group in named:
            kind = self.types.mapped(sent)
            if kind is None and group in groups.defined:
                kind = groups.type_at(group, when)
            if kind == ACCOUNT:
                return groups.account_at(group, when)
        below = [
            group
            for _, group in named
            if group in groups.defined and groups.account_in_chain(group, when)
        ]
        deepest = self._deepest(below, when)
        if deepest is not None:
            return groups.account_at(deepest, when)
        return next((group for _, group in named if group in self.imported), None)

    @cached_property
    def settings(self) -> dict[tuple[str, str], list[KnownCall]]:
        """The calls that set an actor's groups in an application."""
        found: dict[tuple[str, str], list[KnownCall]] = defaultdict(list)
        for call in self.calls:
            names_groups = call.kind in ("group", "identify") and self.names[call]
            is_switch = call.kind == "track" and self.plan.name_of(call) == SWITCHED
            actor = self.actors.actor(call)
            if actor is not None and (names_groups or is_switch):
                found[call.app_id, actor].append(call)
        return found

    def set_by(self, setting: KnownCall, when: datetime) -> tuple[str | None, str]:
        """The account that a group-setting call gives at a time."""
        if setting.kind == "track" and setting.account_id is not None:
            return self.groups.account_at(setting.account_id, when), "sticky"
        return self._by_groups(self.names[setting], when), "sticky"

    def _giving(self, app_id: str, actor: str, when: datetime) -> list[KnownCall]:
        calls = self.settings.get((app_id, actor), [])
        return [call for call in calls if self.set_by(call, when)[0] is not None]

    def _set_before(self, app_id: str, actor: str, when: datetime) -> KnownCall | None:
        earlier = [c for c in self._giving(app_id, actor, when) if c.occurred_at <= when]
        return max(earlier, key=lambda call: self._newness(call, when), default=None)

    def _set_after(self, app_id: str, actor: str, when: datetime) -> KnownCall | None:
        later = [c for c in self._giving(app_id, actor, when) if c.occurred_at > when]
        first = min((call.occurred_at for call in later), default=None)
        at_once = [call for call in later if call.occurred_at == first]
        return max(at_once, key=lambda call: self._newness(call, when), default=None)

    def _newness(self, call: KnownCall, when: datetime) -> tuple:
        levels = [self.groups.level_at(group, when) for _, group in self.names[call]]
        return call.occurred_at, max(levels, default=0), call.received_at, call.call_id

    def _group(self, account: str, named: Named, level: str | None, when: datetime) -> str:
        fitting = [group for _, group in named if self._fits(group, account, when)]
        planned = [g for g in fitting if level and self.groups.type_at(g, when) == level]
        return self._deepest(planned or fitting, when) or account

    def _fits(self, group: str, account: str, when: datetime) -> bool:
        nearest = self.groups.account_in_chain(group, when)
        if nearest is not None:
            return nearest == account
        if account in self.groups.chain_at(group, when):
            return True
        return self.types.is_below_account(self.groups.type_at(group, when))

    def _deepest(self, ids: list[str], when: datetime) -> str | None:
        return min(ids, key=lambda group: self.groups.depth_at(group, when), default=None)


def ids_of(value: Any) -> list[str]:
    """Usable ids of a value or of a list of them."""
    found = []
    for part in value if isinstance(value, list) else [value]:
        if not isinstance(part, (dict, list, bool)) and is_present(part):
            text = id_text(part)
            found += [] if text is None else [text]
    return found


def read_list(text: str | None) -> Any:
    """A trait that is a list, read; any other as it is."""
    return json.loads(text) if text is not None and text.startswith("[") else text
