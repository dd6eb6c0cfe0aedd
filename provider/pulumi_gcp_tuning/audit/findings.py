"""What a stack has at Google that its state does not know, and what is kept and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.audit.costs import (
    cost_of_endpoints,
    cost_of_job,
    cost_of_object,
)
from pulumi_gcp_tuning.audit.items import ORDER, Audit, Item, Why
from pulumi_gcp_tuning.audit.listing import Listed, name_of
from pulumi_gcp_tuning.audit.state import Entry, StackState, Thing, find_state, key_of, title_of
from pulumi_gcp_tuning.audit.unlabelled import find_checkpoints, find_tuned_models, find_weights
from pulumi_gcp_tuning.label_keys import CLAIM_LABEL
from pulumi_gcp_tuning.names import may_be_same_resource
from pulumi_gcp_tuning.resources.core.claims import claimant_in, kept_by, token_in
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, RELEASE_PREFIX, SPEC, effective_labels, is_release
from pulumi_gcp_tuning.resources.core.sharing import claims_in, owners_in, was_found
from pulumi_gcp_tuning.resources.jobs.kinds import JOB_KINDS
from pulumi_gcp_tuning.resources.models.deployment_claims import claimed_in

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import Catalogue
    from pulumi_gcp_tuning.resources.jobs.kind import JobKind


KEPT_PREFIX: Final = kept_by("")
"""What the claim of a kept model begins with; the identity of its TunedModel follows."""
_UNKNOWN: Final = "it has labels of this package, and the state of its stack was not read"
_JOBS: Final = frozenset(kind.resource for kind in JOB_KINDS)
_NOT_READ: Final = "it belongs to a stack whose state was not read"


def audit_of(states: Sequence[StackState], listed: Listed, catalogue: Catalogue) -> Audit:
    """The things that were listed, judged by the states that were read."""
    judge = _Judge(tuple(states), listed, catalogue)
    items = [*judge.jobs(), *judge.models(), *judge.endpoints(), *judge.deployments(), *judge.objects()]
    for find in (find_checkpoints, find_weights, find_tuned_models):
        items += find(states, listed)
    ordered = sorted(items, key=lambda each: (each.stack, ORDER.index(each.why), each.name))
    named = (*listed.models, *listed.endpoints, *listed.tuned)
    known = sum(any(state.knows(name) for state in states) for name in named)
    known += sum(judge.knows_object(uri, stored) for uri, stored in listed.objects.items())
    return Audit(items=tuple(ordered), stacks=tuple(states), known=known, problems=tuple(listed.problems))


@dataclass(frozen=True)
class _Judge:
    states: tuple[StackState, ...]
    listed: Listed
    catalogue: Catalogue

    def knows_object(self, uri: str, stored: Thing) -> bool:
        """Whether an entry stands for the file: it names it, or has its token, because the address may be a secret."""
        return self._knows(uri) or bool(self._tokens & set(claims_in(stored).values()))

    def jobs(self) -> Iterator[Item]:
        """Jobs that run."""
        for kind, job in self.listed.jobs.values():
            name = str(job["name"])
            if kind.state_of(job).is_adoptable and not self._knows(name):
                why, reason, state = self._of_job(effective_labels(job), kind)
                yield Item(
                    name=name,
                    what=kind.noun,
                    why=why,
                    reason=f"{reason}; it is {kind.word_of(job)}",
                    stack=title_of(state, effective_labels(job)),
                    created=job.get("createTime"),
                    cost=cost_of_job(job, self.catalogue),
                    job=name,
                    blocked=None if state else _NOT_READ,
                    thing=job,
                )

    def models(self) -> Iterator[Item]:
        """Models, with the endpoints that were made for them."""
        for model in self.listed.models.values():
            judged = self._of_model(model)
            if judged is None:
                continue
            why, reason, state, blocked = judged
            maker = self.listed.maker_of(name_of(model))
            endpoints = self.listed.endpoints_of(model)
            yield Item(
                name=name_of(model),
                what="model",
                why=why,
                reason=reason,
                stack=title_of(state, effective_labels(model)),
                created=model.get("createTime"),
                cost=cost_of_endpoints(self.listed.endpoint(each) for each in endpoints),
                job=str(maker[1]["name"]) if maker else None,
                endpoints=tuple(endpoints),
                blocked=blocked or self._bar_of_model(model, endpoints, state),
                thing=model,
            )

    def endpoints(self) -> Iterator[Item]:
        """Endpoints of no entry and no model."""
        of_models = {key_of(name) for model in self.listed.models.values() for name in self.listed.endpoints_of(model)}
        for key, endpoint in self.listed.endpoints.items():
            labels, name = effective_labels(endpoint), str(endpoint["name"])
            if IDENTITY not in labels or key in of_models or self._knows(name):
                continue
            state = self._state_of(labels)
            entry = state.identities.get(labels[IDENTITY]) if state else None
            if entry is None:
                reason = "it is not in the state" if state else _UNKNOWN
            elif entry.is_pending:
                reason = f"the run that created it for {entry.name!r} ended before the state had it"
            elif entry.kind == "ModelDeployment":
                reason = f"the state has another machine for the weights of {entry.name!r}"
            elif entry.kind == "Endpoint":
                reason = f"the state has another endpoint for {entry.name!r}"
            else:
                reason = f"it was created for a model of {entry.name!r} that no longer exists"
            yield Item(
                name=name,
                what="endpoint",
                why="orphan" if state else "unknown stack",
                reason=reason,
                stack=title_of(state, labels),
                created=endpoint.get("createTime"),
                cost=cost_of_endpoints([endpoint]),
                blocked=self._bar(state, labels) or _traffic(endpoint),
                thing=endpoint,
            )

    def deployments(self) -> Iterator[Item]:
        """Deployments on endpoints of a state that are not in it."""
        for state in self.states:
            for entry in (each for each in state.entries if each.kind == "Endpoint" and each.id):
                live = self.listed.endpoint(entry.id)
                for deployed in live.get("deployedModels") or ():
                    name = f"{live['name']}/deployedModels/{deployed['id']}"
                    if not self._knows(name):
                        share = int((live.get("trafficSplit") or {}).get(str(deployed["id"]), 0))
                        yield Item(
                            name=name,
                            what="deployment",
                            why="orphan",
                            reason=f"the state has no such deployment on the endpoint {entry.name!r}",
                            stack=title_of(state, {}),
                            created=deployed.get("createTime"),
                            cost=cost_of_endpoints([{"deployedModels": [deployed]}]),
                            blocked=f"it serves {share} % of the traffic"
                            if share
                            else self._claimed_deployment(live, deployed),
                            thing=deployed,
                        )

    def objects(self) -> Iterator[Item]:
        """Files that datasets uploaded."""
        for uri, stored in self.listed.objects.items():
            if self.knows_object(uri, stored):
                continue
            owners = owners_in(stored)
            states = [self._state_of_owner(identity, owner) for identity, owner in owners.items()]
            state = next((each for each in states if each), None)
            names = ", ".join(sorted(owners.values()))
            blocked = None
            if None in states:
                blocked = f"other datasets use it: {names}" if state else _NOT_READ
            elif was_found(stored):
                blocked = "it existed before a dataset used it"
            else:
                blocked = self._claimed_object(stored)
            yield Item(
                name=uri,
                what="object",
                why="orphan" if state else "unknown stack",
                reason=f"it is not in the state; it was uploaded for {names}" if state else f"{_UNKNOWN}: {names}",
                stack=title_of(state, {}),
                created=stored.get("timeCreated"),
                cost=cost_of_object(stored),
                blocked=blocked,
                thing=stored,
            )

    def _of_model(self, model: Thing) -> tuple[Why, str, StackState | None, str | None] | None:
        """Why a model exists, in which state, and why it cannot be deleted; None for the model of an entry."""
        labels, name = effective_labels(model), name_of(model)
        maker = self.listed.maker_of(name)
        for state in self.states:
            by_job = state.holder_of(str(maker[1]["name"])) if maker else None
            holder = state.holder_of(name) or by_job
            if maker and by_job is not None and holder is not None and _has_another(by_job, holder, name):
                again = f"the {maker[0].noun} of {by_job.name!r} ran again under its name, and the state has the earlier model"
                return "orphan", again, state, None
            taken = holder is not None and holder.kind in _JOBS and labels[IDENTITY] not in holder.identities
            if holder is not None and not taken:
                return _of_held(holder, state)
            if state.knows(name):
                return None
        owner = self._state_of(labels)
        if owner is None:
            return "unknown stack", _UNKNOWN, None, None
        if is_release(labels):
            return "kept", f"it is a release (label {RELEASE_PREFIX}*)", owner, None
        claim = labels.get(CLAIM_LABEL, "")
        is_kept = claim.startswith(KEPT_PREFIX)
        entry = owner.identities.get(claim.removeprefix(KEPT_PREFIX) if is_kept else labels[IDENTITY])
        if entry is None:
            gone = "it was kept for a TunedModel that is not in the state"
            return "orphan", gone if is_kept else "it is not in the state", owner, None
        if entry.kind == "TunedModel":
            return "kept", _kept_by(entry), owner, None
        why, reason, _ = self._of_job(labels, maker[0] if maker else None)
        unsure = "the jobs could not be listed, so the job that made it is unknown"
        return why, reason, owner, unsure if self.listed.problems and maker is None else None

    def _of_job(self, labels: Mapping[str, str], kind: JobKind | None) -> tuple[Why, str, StackState | None]:
        """Why a job that no entry has, or its model, is there."""
        state = self._state_of(labels)
        if state is None:
            return "unknown stack", _UNKNOWN, None
        entry, noun = state.identities.get(labels[IDENTITY]), kind.noun if kind else "job"
        if entry is None or entry.is_pending:
            cause = (
                f"the run that submitted it for {entry.name!r} ended before the state had it"
                if entry
                else "it is not in the state"
            )
            return "orphan", cause, state
        shown = entry.properties.get("effectiveLabels")
        spec = shown.get(SPEC) if isinstance(shown, Mapping) else None
        if spec is not None and spec == labels.get(SPEC):
            return "double", f"a second {noun} of {entry.name!r} with the same specification", state
        return (
            "overtaken",
            f"a {noun} of {entry.name!r} with another specification, which no TunedModel took over",
            state,
        )

    def _bar_of_model(self, model: Thing, endpoints: Sequence[str], state: StackState | None) -> str | None:
        labels, made = effective_labels(model), {key_of(each) for each in endpoints}
        if is_release(labels):
            return f"it is a release (label {RELEASE_PREFIX}*)"
        serving = [str(each["endpoint"]) for each in model.get("deployedModels") or ()]
        foreign = [each for each in serving if key_of(each) not in made]
        return self._bar(state, labels) or (f"it serves on {', '.join(foreign)}" if foreign else None)

    def _bar(self, state: StackState | None, labels: Mapping[str, str]) -> str | None:
        if state is None:
            return _NOT_READ
        claim = labels.get(CLAIM_LABEL, "")
        if token_in(claim) is None or state.is_unrecorded(labels[IDENTITY]):
            return None
        return (
            f"it belongs to {claimant_in(claim)}, which is not in this state; "
            "if the program of this stack declares it, `pulumi up` takes it over"
        )

    @property
    def _tokens(self) -> frozenset[str]:
        return frozenset(token for state in self.states for token in state.claims)

    def _claimed_deployment(self, live: Thing, deployed: Thing) -> str | None:
        claim = claimed_in(live, str(deployed["id"]))
        if token_in(claim) is None or token_in(claim) in self._tokens:
            return None
        return f"it belongs to {claimant_in(str(claim))}, which is not in this state"

    def _claimed_object(self, stored: Thing) -> str | None:
        others = [each for identity, each in claims_in(stored).items() if not self._is_unrecorded(identity)]
        return f"an entry that is not in this state claimed it ({', '.join(others)})" if others else None

    def _state_of(self, labels: Mapping[str, str]) -> StackState | None:
        return find_state(self.states, labels)

    def _state_of_owner(self, identity: str, owner: str) -> StackState | None:
        found = (
            state
            for state in self.states
            if identity in state.identities or owner.startswith(f"{state.project}/{state.stack}/")
        )
        return next(found, None)

    def _is_unrecorded(self, identity: str) -> bool:
        return any(state.is_unrecorded(identity) for state in self.states)

    def _knows(self, name: str) -> bool:
        return any(state.knows(name) for state in self.states)


def _of_held(holder: Entry, state: StackState) -> tuple[Why, str, StackState, str] | None:
    """Why a model that an entry names is kept, unless it is the entry's own."""
    if holder.is_going:
        return (
            "kept",
            f"the next `pulumi up` removes it with an older entry of {holder.name!r}",
            state,
            "it is in the state",
        )
    if holder.kind in _JOBS:
        reason = f"no TunedModel took over the model of {holder.name!r}, so `pulumi destroy` does not delete it"
        return "kept", reason, state, "it is the model of a job in the state"
    return None


def _has_another(by_job: Entry, holder: Entry, name: str) -> bool:
    """Whether the TunedModel of the job has another model, and no other has this: the job was deleted and made again."""
    own = (by_job.text("versionedModel") or by_job.text("model")) if by_job.kind == "TunedModel" else None
    is_other = own is not None and not may_be_same_resource(key_of(own), key_of(name))
    return is_other and (holder is by_job or holder.kind != "TunedModel")


def _kept_by(entry: Entry) -> str:
    if entry.is_pending:
        return f"the run that took it over for {entry.name!r} ended before the state had it; the next `pulumi up` adopts it"
    declared = entry.properties.get("onReplace")
    count = declared.get("keepLast") if isinstance(declared, Mapping) else None
    keeps = "keep_last is not set, which means 2" if count is None else f"keep_last is {int(count)}"
    return f"a newer model of {entry.name!r} took its place ({keeps})"


def _traffic(endpoint: Thing) -> str | None:
    split = {key: int(share) for key, share in (endpoint.get("trafficSplit") or {}).items()}
    serving = [each for each in endpoint.get("deployedModels") or () if split.get(str(each["id"]))]
    return f"it serves {', '.join(str(each.get('model')) for each in serving)}" if serving else None
