"""The seed's request for a token, with a Fernet bearer made by Python's `cryptography`: `fernet.py CASE URL`."""

import base64
import json
import subprocess
import sys

from cryptography.fernet import Fernet

SALT = b"HKvvCh4Tx2TNWPqU8DlcRgl8bS_UHEMtFwb9M6iFgQo="


def bearer(user="analyst", password="espresso"):
    pair = base64.b64encode(f"{user}:{password}".encode())
    return Fernet(SALT).encrypt(pair).decode()


def ask(url, token=None):
    """Sends the seed's curl command; answers with the status, the headers in lower case, and the body."""
    command = ["curl", "-sS", "-i", "-X", "POST", f"{url}/timbr/api/get_token", "-H", "Content-Type: application/json"]
    if token is not None:
        command += ["-H", f"Authorization: Bearer {token}"]
    answer = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    head, _, body = answer.replace("\r\n", "\n").partition("\n\n")
    return int(head.split()[1]), head.lower(), body


def right(url):
    status, _, body = ask(url, bearer())
    assert status == 200, (status, body)
    answer = json.loads(body)
    token = answer["data"][0]
    assert answer == {"data": [token], "status": "success"} and token.startswith("tk_"), answer
    assert json.loads(ask(url, bearer())[2])["data"] == [token], "a second call answers with another token"
    query = ["curl", "-sS", f"{url}/timbr/api/get_ontologies/", "-H", f"x-api-key: {token}"]
    answer = json.loads(subprocess.run(query, capture_output=True, check=True, text=True).stdout)
    assert answer["status"] == "success", answer
    other = json.loads(ask(url, bearer("engineer", "macchiato"))[2])["data"]
    assert other != [token], "another user has the same token"


def altered(url):
    token = bearer()
    for place in range(0, len(token) - 3, 11):
        flipped = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        status, head, body = ask(url, flipped)
        assert status == 401, (place, status, body)
        assert "www-authenticate: bearer" in head, head


def missing(url):
    status, head, _ = ask(url)
    assert status == 401 and "www-authenticate: bearer" in head, (status, head)
    assert ask(url, bearer(password="decaf"))[0] == 401


if __name__ == "__main__":
    globals()[sys.argv[1]](sys.argv[2])
