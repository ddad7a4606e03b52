"""Cognitive3D's Python client, unmodified, against the mock: `cognitive3d.py CASE URL`."""

import sys

import cognitive3dpy as c3d
import cognitive3dpy._client
import cognitive3dpy._transform

PROJECT = 1204
KEY = "APIKEY:ORGANIZATION sample0000write"
EVERY = {"exclude_test": False, "exclude_idle": False, "compact": False}
QUARTER = {"start_date": "2026-01-01", "end_date": "2026-03-31"}


def equal(found, expected):
    assert found == expected, f"expected {expected!r}, found {found!r}"


def raises(kind, call):
    try:
        answer = call()
    except kind as error:
        return error
    raise AssertionError(f"expected {kind.__name__}, found {answer!r}")


def defaults(url):
    """Without dates the client asks for the last 30 days."""
    for project in [PROJECT, 1310]:
        for call in [c3d.c3d_sessions, c3d.c3d_events, c3d.c3d_exitpoll, c3d.c3d_objective_results, c3d.c3d_session_objectives]:
            found = call(project)
            assert found.height > 0, (project, call.__name__)
    columns = c3d.c3d_sessions(PROJECT).columns
    missing = set(cognitive3dpy._transform.SESSIONS_COMPACT_COLUMNS) - set(columns)
    # The scene's columns belong to `session_type="scene"`.
    equal({name for name in missing if not name.startswith("scene_")}, set())
    raises(c3d.C3DNotFoundError, lambda: c3d.c3d_sessions(5))


def sessions(url):
    every = c3d.c3d_sessions(PROJECT, **EVERY, **QUARTER)
    assert 150 < every.height < 300, every.height
    identities = every["session_id"].to_list()
    equal(len(set(identities)), every.height)
    assert "1772500800_0f1e2d3c4b5a69788796a5b4c3d2e1f0" in identities
    dates = every["session_date"].to_list()
    equal(dates, sorted(dates, reverse=True))
    real = c3d.c3d_sessions(PROJECT, **QUARTER)
    assert 0 < real.height < every.height
    assert set(real["session_id"]) < set(identities)
    people = every["participant_id"].n_unique()
    assert people > 20, people
    equal(every.select(["participant_id", "c3d_geo_country"]).unique().height, people)


def filters(url):
    every = c3d.c3d_sessions(PROJECT, **EVERY, **QUARTER)
    dates = sorted(every["session_date"].to_list())
    early = c3d.c3d_sessions(PROJECT, start_date=dates[0], end_date=dates[99], **EVERY)
    equal(early.height, 100)
    long = c3d.c3d_sessions(PROJECT, min_duration=300, **EVERY, **QUARTER)
    assert 0 < long.height < every.height, long.height
    scene = c3d.c3d_sessions(PROJECT, session_type="scene", **QUARTER)
    assert scene.height > 0
    version = c3d.c3d_sessions(PROJECT, session_type="scene", scene_version_id=8811, **EVERY, **QUARTER)
    assert 0 < version.height < every.height, version.height
    none = c3d.c3d_sessions(PROJECT, start_date="2020-01-01", end_date="2020-02-01", warn_empty=False)
    equal(none.height, 0)
    equal(c3d.c3d_sessions(PROJECT, n=7, **QUARTER).height, 7)


def objectives(url):
    versions = c3d.c3d_objective_results(PROJECT, **QUARTER)
    equal(versions["objective_name"].to_list(), ["Safe Start", "First Lift"])
    real = c3d.c3d_sessions(PROJECT, **QUARTER).height
    for succeeded, failed in zip(versions["succeeded"], versions["failed"]):
        assert succeeded > 0 and failed > 0 and succeeded + failed == real, versions
    steps = c3d.c3d_objective_results(PROJECT, group_by="steps", objective_id=410, **QUARTER)
    equal(steps["step_name"].to_list(), ["Buckle up", "Check the gauge"])
    equal(steps["succeeded"].to_list()[-1], versions["succeeded"][0])
    equal(c3d.c3d_objective_results(PROJECT, objective_id=411, **QUARTER)["objective_name"].to_list(), ["First Lift"])


def events(url):
    found = c3d.c3d_events(PROJECT, n=20, **QUARTER)
    assert found.height > 20


def surveys(url):
    def answers(**dates):
        found = c3d.c3d_exitpoll(PROJECT, version=2, warn_empty=False, **dates)
        return found.filter(found["question_index"] == 1)["count"].sum() if found.height else 0

    quarter, month = answers(**QUARTER), answers(start_date="2026-01-01", end_date="2026-01-31")
    assert 0 < month < quarter, (month, quarter)
    equal(answers(start_date="2020-01-01", end_date="2020-01-02"), 0)


def key_forms(url):
    for key in [KEY, "orgkey-sample0000write", "APIKEY:ORGANIZATION sample0000read", "orgkey-sample0000read"]:
        c3d.c3d_auth(key)
        equal(c3d.c3d_sessions(PROJECT, n=1).height, 1)


def unauthorized(url):
    for key in ["APIKEY:ORGANIZATION sample0000wrong", "sample0000write", "APIKEY:DATA sample0000data", "orgkey-"]:
        c3d.c3d_auth(key)
        error = raises(c3d.C3DAuthError, lambda: c3d.c3d_sessions(PROJECT, **QUARTER))
        assert str(error).startswith("401"), error
    c3d.c3d_auth("APIKEY:ORGANIZATION sample0000revoked")
    raises(c3d.C3DAuthError, lambda: c3d.c3d_sessions(PROJECT, **QUARTER))


if __name__ == "__main__":
    cognitive3dpy._client.BASE_URL = sys.argv[2]
    c3d.c3d_auth(KEY)
    globals()[sys.argv[1]](sys.argv[2])
