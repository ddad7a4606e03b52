"""Cognitive3D's Python client, unmodified, against the mock: `cognitive3d.py CASE URL`."""

import sys

import cognitive3dpy as c3d
import cognitive3dpy._client

PROJECT = 1204
KEY = "APIKEY:ORGANIZATION sample0000write"
ALL = {"start_date": "2025-01-01", "end_date": "2027-01-01"}
# How many sessions `spec/samples/cognitive3d.json` asks for, and how many of them are tests or junk.
SESSIONS, TESTS, JUNK = 240, 24, 12


def equal(found, expected):
    assert found == expected, f"expected {expected!r}, found {found!r}"


def raises(kind, call):
    try:
        answer = call()
    except kind as error:
        return error
    raise AssertionError(f"expected {kind.__name__}, found {answer!r}")


def sessions(url):
    every = c3d.c3d_sessions(PROJECT, exclude_test=False, exclude_idle=False, compact=False, **ALL)
    equal(every.height, SESSIONS)
    identities = every["session_id"].to_list()
    equal(len(set(identities)), SESSIONS)
    dates = every["session_date"].to_list()
    equal(dates, sorted(dates, reverse=True))
    real = c3d.c3d_sessions(PROJECT, **ALL)
    equal(real.height, SESSIONS - TESTS - JUNK)
    assert set(real["session_id"]) < set(identities)


def filters(url):
    every = c3d.c3d_sessions(PROJECT, exclude_test=False, exclude_idle=False, compact=False, **ALL)
    dates = sorted(every["session_date"].to_list())
    early = c3d.c3d_sessions(
        PROJECT, exclude_test=False, exclude_idle=False, start_date=dates[0], end_date=dates[99], compact=False
    )
    equal(early.height, 100)
    long = c3d.c3d_sessions(PROJECT, exclude_test=False, exclude_idle=False, min_duration=300, compact=False, **ALL)
    assert 0 < long.height < SESSIONS, long.height
    scene = c3d.c3d_sessions(PROJECT, session_type="scene", **ALL)
    assert scene.height > 0
    none = c3d.c3d_sessions(PROJECT, start_date="2020-01-01", end_date="2020-02-01", warn_empty=False)
    equal(none.height, 0)
    other = c3d.c3d_sessions(PROJECT, n=7, **ALL)
    equal(other.height, 7)


def objectives(url):
    versions = c3d.c3d_objective_results(PROJECT, **ALL)
    equal(versions["objective_name"].to_list(), ["Safe Start"])
    succeeded, failed = versions["succeeded"][0], versions["failed"][0]
    assert succeeded > 0 and failed > 0 and succeeded + failed <= SESSIONS - TESTS - JUNK, versions
    steps = c3d.c3d_objective_results(PROJECT, group_by="steps", **ALL)
    equal(steps["step_name"].to_list(), ["Buckle up", "Check the gauge"])
    equal(steps["succeeded"].to_list()[-1], succeeded)


def events(url):
    found = c3d.c3d_events(PROJECT, n=20, **ALL)
    assert found.height > 0


def surveys(url):
    assert c3d.c3d_exitpoll(PROJECT).height > 0


def key_forms(url):
    for key in [KEY, "orgkey-sample0000write", "APIKEY:ORGANIZATION sample0000read", "orgkey-sample0000read"]:
        c3d.c3d_auth(key)
        equal(c3d.c3d_sessions(PROJECT, n=1, **ALL).height, 1)


def unauthorized(url):
    for key in ["APIKEY:ORGANIZATION sample0000wrong", "sample0000write", "APIKEY:DATA sample0000data", "orgkey-"]:
        c3d.c3d_auth(key)
        error = raises(c3d.C3DAuthError, lambda: c3d.c3d_sessions(PROJECT, **ALL))
        assert str(error).startswith("401"), error
    c3d.c3d_auth("APIKEY:ORGANIZATION sample0000revoked")
    raises(c3d.C3DAuthError, lambda: c3d.c3d_sessions(PROJECT, **ALL))


if __name__ == "__main__":
    cognitive3dpy._client.BASE_URL = sys.argv[2]
    c3d.c3d_auth(KEY)
    globals()[sys.argv[1]](sys.argv[2])
