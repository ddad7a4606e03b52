"""Timbr's own client, unmodified, against the mock: `timbr.py CASE URL`."""

import base64
import hashlib
import hmac
import json
import sys
import time

from pytimbr_api import executeQuery, get_async_result, run_query, simpleQueryExecution

TOKEN = "tk_0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
JWT_SECRET = b"timbr-mock-secret-that-protects-nothing"
SQL = "SELECT `entity_id`, `customer_name` FROM `timbr`.`customer` ORDER BY 1 LIMIT 2"
ROWS = [
    {"entity_id": "c:1", "customer_name": "Kestrel Roasters"},
    {"entity_id": "c:10", "customer_name": "Amber Bakery"},
]
RELATED = (
    "SELECT `entity_id`, `Customer_Name`, `made_order[order].entity_id`, `made_order[order].amount` "
    "FROM `dtimbr`.`customer` WHERE `customer_name` = 'Café Mårten'"
)


def equal(found, expected):
    assert found == expected, f"expected {expected!r}, found {found!r}"


def refused(status, call):
    """The client raises a bare Exception whose text is the answer's."""
    try:
        answer = call()
    except Exception as error:  # noqa: BLE001
        assert status in str(error), f"expected {status!r} in {error!r}"
        return
    raise AssertionError(f"expected a refusal, found {answer!r}")


def jwt(secret=JWT_SECRET, expires=3600, **more):
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    header = part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    claims = part(json.dumps({"sub": "analyst", "exp": int(time.time()) + expires, **more}).encode())
    signature = part(hmac.new(secret, header + b"." + claims, hashlib.sha256).digest())
    return b".".join([header, claims, signature]).decode()


def sync(url):
    equal(run_query(url, "coffee_trade", TOKEN, SQL), ROWS)
    equal(run_query(url + "/", "coffee_trade", TOKEN, SQL, datasource="coffee_warehouse"), ROWS)
    equal(simpleQueryExecution(url, "coffee_trade", TOKEN, SQL), ROWS)
    flat = {
        "entity_id": "c:2",
        "Customer_Name": "Café Mårten",
        "made_order[order].entity_id": "o:10",
        "made_order[order].amount": 48.5,
    }
    nested = {
        "entity_id": "c:2",
        "customer_name": "Café Mårten",
        "made_order[order]": [{"entity_id": "o:10", "amount": 48.5}],
    }
    equal(run_query(url, "coffee_trade", TOKEN, RELATED), [flat])
    equal(run_query(url, "coffee_trade", TOKEN, RELATED, nested="true"), [nested])
    refused("no concept or view with the name timbr.custommer", lambda: run_query(url, "coffee_trade", TOKEN, "SELECT * FROM timbr.custommer"))
    refused("coffee_trad", lambda: run_query(url, "coffee_trad", TOKEN, SQL))


def headers(url):
    shown = {"api_nested_format_properties": "true", "api_nested_minimize_relationships": "true"}
    rows = run_query(url, "coffee_trade", TOKEN, RELATED, nested="true", additional_headers=shown)
    equal(rows[0]["made_order"], [{"entity_id": "o:10", "amount": 48.5}])
    equal(len(run_query(url, "coffee_trade", TOKEN, SQL, additional_headers={"results_limit": "1"})), 1)
    user = "SELECT timbr_username() AS me"
    equal(run_query(url, "coffee_trade", TOKEN, user), [{"me": "analyst"}])
    other = {"x_api_impersonate_user": "engineer"}
    equal(run_query(url, "coffee_trade", TOKEN, user, additional_headers=other), [{"me": "engineer"}])
    for nobody in ["nobody", "visitor", "leaver"]:
        refused("cannot be impersonated", lambda: run_query(
            url, "coffee_trade", TOKEN, user, additional_headers={"x_api_impersonate_user": nobody}))


def tools(url):
    """What an agent asks before its first query."""

    def run(sql, ontology="coffee_trade"):
        rows = run_query(url, ontology, TOKEN, sql)
        assert rows, sql
        return rows

    assert run("SHOW VERSION")[0]["id"]
    assert "coffee_trade" in [row["ontology"] for row in run("SELECT ontology FROM timbr.sys_ontologies")]
    for sql in ["SHOW TABLES IN dtimbr", "SHOW DATASOURCES", "SHOW TAGS", "SELECT * FROM timbr.sys_concepts"]:
        run(sql)
    columns = [row["col_name"] for row in run("describe concept `dtimbr`.`customer` options (graph_depth='1')")]
    assert "made_order[order].amount" in columns and "measure.made_order[order].revenue" in columns, columns
    assert run(f"EXPLAIN {RELATED}")[0]["PLAN"]
    equal(run_query(url, "coffee_trade", TOKEN, f"SELECT * FROM ({RELATED}) explainable_query WHERE 1=0"), [])
    run("SELECT option_name, option_value FROM timbr.sys_agents_options WHERE LOWER(agent_name) = 'coffee_agent'", "system_db")
    recent = run("SELECT COUNT(*) AS n FROM dtimbr.`order` WHERE ordered_on >= CURRENT_DATE - INTERVAL 30 DAY")
    assert recent[0]["n"] > 10, recent


def legacy(url):
    host, port = url.removeprefix("http://").split(":")
    answer = executeQuery(host, port, "coffee_trade", TOKEN, SQL, enabled_ssl=False)
    equal(answer, {"data": ROWS, "status": "success"})


def ended(url, number):
    """The result of a background query that has ended."""
    for _ in range(100):
        found = get_async_result(url, number, TOKEN)
        if found["status"] != "running":
            return found
        time.sleep(0.1)
    raise AssertionError("the query never completes")


def background(url):
    submission = run_query(url, "coffee_trade", TOKEN, SQL, is_async=True)
    equal(submission["async"], True)
    number = submission["response_id"]
    equal(submission["poll_url"], f"/timbr/openapi/get-async-results/{number}")
    equal(ended(url, number), {"status": "completed", "response": ROWS, "original_status_code": 200})
    refused("not found", lambda: get_async_result(url, number, TOKEN))

    failed = run_query(url, "coffee_trade", TOKEN, "SELECT * FROM timbr.custommer", is_async=True)["response_id"]
    equal(ended(url, failed)["status"], "error")


def json_web_token(url):
    equal(run_query(url, "coffee_trade", jwt(), SQL, is_jwt=True), ROWS)
    equal(run_query(url, "coffee_trade", jwt(), SQL, is_jwt=True, jwt_tenant_id="tenant-north"), ROWS)
    refused("has a wrong signature", lambda: run_query(url, "coffee_trade", jwt(secret=b"another"), SQL, is_jwt=True))
    refused("has expired", lambda: run_query(url, "coffee_trade", jwt(expires=-3600), SQL, is_jwt=True))
    refused("is not a JWT", lambda: run_query(url, "coffee_trade", TOKEN, SQL, is_jwt=True))
    south = jwt(tid="tenant-south")
    equal(run_query(url, "coffee_trade", south, SQL, is_jwt=True, jwt_tenant_id="tenant-south"), ROWS)
    refused("does not agree", lambda: run_query(url, "coffee_trade", south, SQL, is_jwt=True, jwt_tenant_id="tenant-north"))


def wrong_token(url):
    refused("is not known", lambda: run_query(url, "coffee_trade", TOKEN[:-1] + "8", SQL))
    refused("is not known", lambda: get_async_result(url, "5f0c7a52-9d1e-4b7b-8a53-1f6f0f9c2d10", "tk_00"))


if __name__ == "__main__":
    globals()[sys.argv[1]](sys.argv[2])
