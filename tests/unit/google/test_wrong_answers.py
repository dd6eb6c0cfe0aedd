"""An answer of the wrong shape is Google's error: told in a sentence, sent again where that is safe, never taken for an empty one."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NotRequired, get_args, get_origin

import pytest
from typing_extensions import get_type_hints, is_typeddict

from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.google import Google, answer_shapes, lookup_shapes, shapes
from pulumi_gcp_tuning.google.billing import Billing
from pulumi_gcp_tuning.google.gemini_api import TunedModels
from pulumi_gcp_tuning.google.kms import Kms
from pulumi_gcp_tuning.google.operations import Wait
from pulumi_gcp_tuning.google.org_policies import OrgPolicies
from pulumi_gcp_tuning.google.pipeline_jobs import PipelineJobCalls
from pulumi_gcp_tuning.google.projects import Projects
from pulumi_gcp_tuning.google.quotas import Quotas
from pulumi_gcp_tuning.google.service_accounts import ServiceAccounts
from pulumi_gcp_tuning.google.services import Services
from pulumi_gcp_tuning.google.shape import NOTHING, Shape
from pulumi_gcp_tuning.google.storage import Storage
from pulumi_gcp_tuning.google.tuning_jobs import TuningJobCalls
from pulumi_gcp_tuning.google.vertex import Vertex
from pulumi_gcp_tuning.signing import CredentialsChoice
from support.credential_forms import made_up_key
from support.fake_google import FakeClock, FakeGoogle, Reply
from support.full_answers import FULL, wrong_answers
from support.least_answers import OBJECT, PARENT, done, least_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

JOB, PIPELINE = f"{PARENT}/tuningJobs/4", f"{PARENT}/pipelineJobs/p"
MODEL, ENDPOINT = f"{PARENT}/models/5", f"{PARENT}/endpoints/7"
BOARD = "projects/1/locations/us-central1/tensorboards/7"
KEY = f"{PARENT}/keyRings/r/cryptoKeys/k"
PREFERENCE = {"baseModel": "gemini-2.5-flash", "preferenceOptimizationSpec": {}}


@dataclass(frozen=True)
class Read:
    """A call, and the shape of the answer that it reads first; ``response`` is that of the operation which is the answer."""

    call: Callable[[Google], Any]
    shape: Shape
    response: Shape | None = None


def of_vertex(call: Callable[[Vertex], Any], shape: Shape, response: Shape | None = None) -> Read:
    return Read(lambda google: call(google.vertex("us-central1")), shape, response)


READS: dict[str, Read] = {
    "TuningJobCalls.create": of_vertex(lambda v: v.tuning_jobs.create(PARENT, {"baseModel": "m"}), shapes.TUNING_JOB),
    "TuningJobCalls.create as JSON": of_vertex(lambda v: v.tuning_jobs.create(PARENT, PREFERENCE), shapes.TUNING_JOB),
    "TuningJobCalls.get": of_vertex(lambda v: v.tuning_jobs.get(JOB), shapes.TUNING_JOB),
    "TuningJobCalls.read": of_vertex(lambda v: v.tuning_jobs.read(JOB), shapes.TUNING_JOB),
    "TuningJobCalls.list": of_vertex(lambda v: list(v.tuning_jobs.list(PARENT)), shapes.TUNING_JOBS),
    "TuningJobCalls.poll": of_vertex(lambda v: v.tuning_jobs.poll(JOB), shapes.TUNING_JOB),
    "TuningJobCalls.cancel": of_vertex(lambda v: v.tuning_jobs.cancel(JOB), NOTHING),
    "PipelineJobCalls.create": of_vertex(
        lambda v: v.pipeline_jobs.create(PARENT, {"displayName": "n"}, job_id="p"), shapes.PIPELINE_JOB
    ),
    "PipelineJobCalls.get": of_vertex(lambda v: v.pipeline_jobs.get(PIPELINE), shapes.PIPELINE_JOB),
    "PipelineJobCalls.read": of_vertex(lambda v: v.pipeline_jobs.read(PIPELINE), shapes.PIPELINE_JOB),
    "PipelineJobCalls.list": of_vertex(lambda v: list(v.pipeline_jobs.list(PARENT)), shapes.PIPELINE_JOBS),
    "PipelineJobCalls.poll": of_vertex(lambda v: v.pipeline_jobs.poll(PIPELINE), shapes.PIPELINE_JOB),
    "PipelineJobCalls.cancel": of_vertex(lambda v: v.pipeline_jobs.cancel(PIPELINE), NOTHING),
    "PipelineJobCalls.delete": of_vertex(lambda v: v.pipeline_jobs.delete(PIPELINE), shapes.OPERATION),
    "Vertex.get_tensorboard": of_vertex(lambda v: v.get_tensorboard(BOARD), shapes.TENSORBOARD),
    "Vertex.read_experiment": of_vertex(lambda v: v.read_experiment(f"{BOARD}/experiments/e"), shapes.TENSORBOARD_RUNS),
    "Vertex.get_model": of_vertex(lambda v: v.get_model(MODEL), shapes.MODEL),
    "Vertex.list_models": of_vertex(lambda v: list(v.list_models(PARENT)), shapes.MODELS),
    "Vertex.list_model_versions": of_vertex(lambda v: list(v.list_model_versions(MODEL)), shapes.MODELS),
    "Vertex.patch_model": of_vertex(
        lambda v: v.patch_model(MODEL, {"displayName": "n"}, ["displayName"]), shapes.MODEL
    ),
    "Vertex.delete_model": of_vertex(lambda v: v.delete_model(MODEL), shapes.OPERATION),
    "Vertex.delete_model_version": of_vertex(lambda v: v.delete_model_version(f"{MODEL}@2"), shapes.OPERATION),
    "Vertex.get_endpoint": of_vertex(lambda v: v.get_endpoint(ENDPOINT), shapes.ENDPOINT),
    "Vertex.list_endpoints": of_vertex(lambda v: list(v.list_endpoints(PARENT)), shapes.ENDPOINTS),
    "Vertex.create_endpoint": of_vertex(lambda v: v.create_endpoint(PARENT, {}), shapes.OPERATION, shapes.ENDPOINT),
    "Vertex.patch_endpoint": of_vertex(
        lambda v: v.patch_endpoint(ENDPOINT, {"displayName": "n"}, ["displayName"]), shapes.ENDPOINT
    ),
    "Vertex.delete_endpoint": of_vertex(lambda v: v.delete_endpoint(ENDPOINT), shapes.OPERATION),
    "Vertex.deploy_model": of_vertex(
        lambda v: v.deploy_model(ENDPOINT, {"model": MODEL}), shapes.OPERATION, shapes.DEPLOYED
    ),
    "Vertex.undeploy_model": of_vertex(lambda v: v.undeploy_model(ENDPOINT, "9"), shapes.OPERATION),
    "Vertex.generate_content": of_vertex(lambda v: v.generate_content(ENDPOINT, {}), answer_shapes.GENERATED),
    "Vertex.predict": of_vertex(lambda v: v.predict(ENDPOINT, {}, {}), answer_shapes.PREDICTED),
    "Vertex.predict_texts": of_vertex(lambda v: v.predict_texts(ENDPOINT, {}), answer_shapes.PREDICTED_TEXTS),
    "Vertex.deploy_weights": of_vertex(
        lambda v: v.deploy_weights("projects/p/locations/us-central1", {"customModel": {"gcsUri": "gs://b/f"}}),
        shapes.OPERATION,
    ),
    "Vertex.await_weights": of_vertex(
        lambda v: v.await_weights(f"{PARENT}/operations/1", Wait.lasting(9.0, clock=FakeClock())), shapes.OPERATION
    ),
    "Vertex.count_tokens": of_vertex(
        lambda v: v.count_tokens(f"{PARENT}/publishers/google/models/m", []), answer_shapes.COUNTED
    ),
    "TunedModels.create": Read(lambda g: g.tuned_models.create("x", {}), shapes.OPERATION),
    "TunedModels.get": Read(lambda g: g.tuned_models.get("tunedModels/x"), shapes.GEMINI_TUNED_MODEL),
    "TunedModels.list": Read(lambda g: list(g.tuned_models.list()), shapes.GEMINI_TUNED_MODELS),
    "TunedModels.patch": Read(lambda g: g.tuned_models.patch("tunedModels/x", {}, ["x"]), shapes.GEMINI_TUNED_MODEL),
    "TunedModels.delete": Read(lambda g: g.tuned_models.delete("tunedModels/x"), NOTHING),
    "TunedModels.get_operation": Read(
        lambda g: g.tuned_models.get_operation("tunedModels/x/operations/1"), shapes.OPERATION
    ),
    "TunedModels.generate_content": Read(
        lambda g: g.tuned_models.generate_content("tunedModels/x", {}), answer_shapes.GENERATED
    ),
    "Storage.get_bucket": Read(lambda g: g.storage.get_bucket("b"), lookup_shapes.BUCKET),
    "Storage.get_bucket_policy": Read(lambda g: g.storage.get_bucket_policy("b"), lookup_shapes.POLICY),
    "Storage.get_object": Read(lambda g: g.storage.get_object("b", "n"), lookup_shapes.OBJECT),
    "Storage.list_objects": Read(lambda g: list(g.storage.list_objects("b", "p")), lookup_shapes.OBJECTS),
    "Storage.patch_object": Read(lambda g: g.storage.patch_object("b", "n", {}), lookup_shapes.OBJECT),
    "Storage.delete_object": Read(lambda g: g.storage.delete_object("b", "n"), NOTHING),
    "Storage.test_permissions": Read(lambda g: g.storage.test_permissions("b", ("x",)), lookup_shapes.GRANTED),
    "Kms.get_crypto_key": Read(lambda g: g.kms.get_crypto_key(KEY), lookup_shapes.KEY),
    "Kms.get_crypto_key_iam_policy": Read(lambda g: g.kms.get_crypto_key_iam_policy(KEY), lookup_shapes.POLICY),
    "Kms.get_key_ring_iam_policy": Read(lambda g: g.kms.get_key_ring_iam_policy(KEY), lookup_shapes.POLICY),
    "Projects.get_project": Read(lambda g: g.projects.get_project("p"), lookup_shapes.PROJECT),
    "Projects.get_iam_policy": Read(lambda g: g.projects.get_iam_policy("p"), lookup_shapes.POLICY),
    "Projects.test_iam_permissions": Read(lambda g: g.projects.test_iam_permissions("p", ["x"]), lookup_shapes.GRANTED),
    "Services.get_services": Read(lambda g: g.services.get_services("p", ["x"]), lookup_shapes.SERVICES),
    "Quotas.list_quota_infos": Read(lambda g: g.quotas.list_quota_infos("p"), lookup_shapes.QUOTA_INFOS),
    "Billing.get_billing_info": Read(lambda g: g.billing.get_billing_info("p"), lookup_shapes.BILLING_INFO),
    "OrgPolicies.get_effective_policy": Read(
        lambda g: g.org_policies.get_effective_policy("p", "c"), lookup_shapes.ORG_POLICY
    ),
    "ServiceAccounts.get_service_account": Read(
        lambda g: g.service_accounts.get_service_account("a@b.c"), lookup_shapes.SERVICE_ACCOUNT
    ),
    "ServiceAccounts.get_account_policy": Read(
        lambda g: g.service_accounts.get_account_policy("a@b.c"), lookup_shapes.POLICY
    ),
    "ServiceAccounts.may_act_as": Read(lambda g: g.service_accounts.may_act_as("a@b.c"), lookup_shapes.GRANTED),
}
"""Every call that reads an answer."""

NOT_JSON = {
    "Storage.open_object": "content",
    "Storage.upload_object": "the library's",
    "TuningJobCalls.delete": "no call",
}
APIS = [
    TunedModels,
    TuningJobCalls,
    PipelineJobCalls,
    Vertex,
    Storage,
    Kms,
    Projects,
    Services,
    Quotas,
    Billing,
    OrgPolicies,
]
BROKEN = {
    "empty": b"",
    "blank": b" \n",
    "null": b"null",
    "a list": b"[]",
    "a number": b"3",
    "a text": b'"x"',
    "truncated": b'{"name": "projects/my-pro',
    "not UTF-8": b'{"name": "\xff"}',
    "a page": b"<html><body>Please log in</body></html>",
    "too deep": b"[" * 100_000,
}


@pytest.fixture
def impatient(google: Google) -> Google:
    """Sends nothing again, and waits for nothing."""
    google.transport.retry_seconds = 0.0
    return google


def test_every_call_of_every_api_is_among_them() -> None:
    calls = {
        f"{api.__name__}.{name}"
        for api in [*APIS, ServiceAccounts]
        for name, _ in inspect.getmembers(api, inspect.isfunction)
        if not name.startswith("_")
    }
    assert calls - NOT_JSON.keys() == {name.removesuffix(" as JSON") for name in READS}


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize("name", READS)
def test_what_is_no_answer_of_this_call_is_googles_error(name: str, impatient: Google, server: FakeGoogle) -> None:
    read = READS[name]
    answers: list[Any] = [text for text in BROKEN.values() if text.strip() or not read.shape.may_be_empty]
    if read.shape is not NOTHING:
        answers.append(next(answer for _, answer in wrong_answers(read.shape)))
    if read.shape.misfit({}) is not None:
        answers.append({})
    for answer in answers:
        server.answer = lambda _request, answer=answer: Reply(answer)  # type: ignore[misc]
        with pytest.raises(ApiError, match="cannot be read") as caught:
            read.call(having_asked_nothing(impatient))
        assert caught.value.http_status == 200
        assert caught.value.maybe_took_effect == (server.requests[-1].verb != "GET")


def having_asked_nothing(google: Google) -> Google:
    """A client without facts and without jobs read before, over the same connections."""
    made = Google(google.settings, google.clock)
    made.transport = google.transport
    return made


@pytest.mark.parametrize("shape", FULL, ids=lambda shape: shape.noun)
def test_one_value_of_another_type_makes_it_another_thing(shape: Shape) -> None:
    taken = [place for place, answer in wrong_answers(shape) if shape.misfit(answer) is None]
    assert taken == []


@pytest.mark.parametrize(
    ("shape", "answer", "wrong"),
    [
        (shapes.TUNING_JOB, {}, "it is not a tuning job: name is missing"),
        (shapes.TUNING_JOB, {"name": "5"}, "it is not a tuning job: name is not what it should be"),
        (
            shapes.TUNING_JOBS,
            {"tuningJobs": [{"name": JOB, "tuningDataStats": {"supervisedTuningDataStats": {"tuningStepCount": "x"}}}]},
            (
                "it is not a list of tuning jobs: tuningJobs.0.tuningDataStats.supervisedTuningDataStats.tuningStepCount is not "
                "what it should be"
            ),
        ),
        (
            shapes.MODEL,
            {"name": MODEL, "createTime": "soon"},
            "it is not a model: createTime is not what it should be",
        ),
    ],
)
def test_a_sentence_says_what_is_wrong(shape: Shape, answer: dict[str, Any], wrong: str) -> None:
    assert shape.misfit(answer) == wrong


@pytest.mark.parametrize("name", [name for name, read in READS.items() if read.response is not None])
def test_an_operation_that_ends_in_something_else_is_unclear(name: str, impatient: Google, server: FakeGoogle) -> None:
    read = READS[name]
    assert read.response is not None
    for answer in [{}, next(answer for _, answer in wrong_answers(read.response))]:
        server.answer = lambda _request, answer=answer: Reply(done(answer))  # type: ignore[misc]
        with pytest.raises(ApiError, match=f"it is not {read.response.noun}") as caught:
            read.call(impatient)
        assert caught.value.maybe_took_effect


@pytest.mark.parametrize("shape", FULL, ids=lambda shape: shape.noun)
def test_a_full_answer_fits_and_has_every_field_that_is_read(shape: Shape) -> None:
    assert shape.misfit(FULL[shape]) is None
    assert sorted(fields_of(shape.fields, FULL[shape])) == sorted(set(fields_of(shape.fields)))


def fields_of(fields: Any, answer: Any = ..., place: str = "") -> Iterator[str]:
    """The places of all fields of a TypedDict; of those only that stand in the answer where one is given."""
    if get_origin(fields) is NotRequired or get_origin(fields) is list:
        inner = get_args(fields)[0]
        if get_origin(fields) is list and isinstance(answer, list):
            answer = answer[0] if answer else {}
        yield from fields_of(inner, answer, place)
    elif is_typeddict(fields):
        for key, kind in get_type_hints(fields, include_extras=True).items():
            if answer is ... or key in answer:
                yield f"{place}.{key}"
                yield from fields_of(kind, answer if answer is ... else answer[key], f"{place}.{key}")


@pytest.mark.parametrize("name", READS)
def test_the_least_that_google_sends_is_enough(name: str, impatient: Google, server: FakeGoogle) -> None:
    server.answer = lambda request: (
        Reply({**least_answer(request).body, "state": "JOB_STATE_FAILED"})
        if name == "TuningJobCalls.poll"
        else Reply({**least_answer(request).body, "state": "PIPELINE_STATE_FAILED"})
        if name == "PipelineJobCalls.poll"
        else least_answer(request)
    )
    READS[name].call(impatient)


def test_a_read_is_sent_again_until_its_answer_can_be_read(google: Google, server: FakeGoogle) -> None:
    for broken in [*BROKEN.values(), {}, {"name": MODEL, "labels": []}]:
        server.replies = [Reply(broken), Reply(broken)]
        assert google.vertex("us-central1").get_model(MODEL) == {"name": MODEL}
    assert len(server.requests) == 3 * (len(BROKEN) + 2)


@pytest.mark.parametrize("name", ["TuningJobCalls.create", "TuningJobCalls.create as JSON"])
def test_a_job_whose_answer_cannot_be_read_is_not_sent_again(name: str, google: Google, server: FakeGoogle) -> None:
    for broken in [*BROKEN.values(), {}, {"name": 3}]:
        server.requests.clear()
        server.answer = lambda _request, broken=broken: Reply(broken)  # type: ignore[misc]
        with pytest.raises(ApiError) as caught:
            READS[name].call(google)
        assert caught.value.maybe_took_effect
        assert len(server.requests) == 1


def test_an_upload_is_known_by_a_read_of_the_object_and_not_by_its_answer(
    impatient: Google, server: FakeGoogle, tmp_path: Path
) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text("{}")
    for wrong in [*BROKEN.values(), {}, {"name": 3}]:
        server.answer = lambda sent, wrong=wrong: Reply(wrong) if sent.verb == "POST" else least_answer(sent)  # type: ignore[misc]
        found: object = None
        try:
            found = impatient.storage.upload_object("b", "n", path).object
        except ApiError as error:
            found = OBJECT if error.maybe_took_effect else error
        assert found == OBJECT


def test_what_is_no_token_is_an_error_of_the_token_server(server: FakeGoogle, clock: FakeClock) -> None:
    key = made_up_key().pointing_at(f"{server.url}/token")
    source = CredentialsChoice(kind="json", text=key.json, source="GOOGLE_CREDENTIALS")
    client = Google(Settings(base_url=server.url, credentials=source), clock)
    client.transport.retry_seconds = 0.0
    for wrong in [*BROKEN.values(), {}, {"access_token": 3}, {"access_token": "t", "expires_in": "soon"}]:
        server.answer = lambda sent, wrong=wrong: Reply(wrong) if sent.path == "/token" else least_answer(sent)  # type: ignore[misc]
        with pytest.raises(ApiError, match=r"\(GOOGLE_CREDENTIALS\)"):
            having_asked_nothing(client).storage.get_bucket("b")
    client.close()


def test_a_wait_goes_on_over_an_answer_that_cannot_be_read(google: Google, server: FakeGoogle) -> None:
    over = {"name": JOB, "state": "JOB_STATE_SUCCEEDED"}
    server.replies = [Reply(b""), Reply(over)]
    assert google.vertex("us-central1").tuning_jobs.poll(JOB) == over


def test_an_error_of_the_wrong_shape_is_still_an_error(impatient: Google, server: FakeGoogle) -> None:
    details: list[Any] = [3, "x", {}, [3], [{"fieldViolations": 3, "violations": [3]}], None]
    messages: list[Any] = [3, [], None, {"a": "b"}, ""]
    for wrong in [*({"details": each} for each in details), *({"message": each} for each in messages)]:
        server.replies = [Reply({"error": {"code": "x", "status": [], "message": "no", **wrong}}, status=400)]
        with pytest.raises(ApiError) as caught:
            impatient.vertex("us-central1").get_model(MODEL)
        assert (caught.value.http_status, caught.value.status) == (400, "INVALID_ARGUMENT")
