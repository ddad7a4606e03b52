"""Timbr's LangChain tools, unmodified, against the mock, with a model whose replies are given: `langchain.py CASE URL`."""

import logging
import sys

from langchain_core.language_models.fake import FakeListLLM

import langchain_timbr
from langchain_timbr.utils import chain_logger, prompt_service

TOKEN = "tk_0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
SQL = "SELECT COUNT(*) AS n FROM dtimbr.customer"
QUESTION = {"prompt": "How many customers are there?"}
STEPS = [
    "identify_concept",
    "generate_sql",
    "generate_sql_reasoning",
    "generate_answer",
    "benchmark_judge",
    "memory_classifier",
    "memory_kb_classifier",
]


class Model(FakeListLLM):
    """Replies a concept to the prompt that asks for one, and its given reply to all others."""

    def _call(self, prompt, *args, **kwargs):
        return "customer" if "Choose the concept" in prompt else self.responses[0]


def run(chain, question=QUESTION):
    settings = {"llm": Model(responses=[SQL]), "url": URL, "token": TOKEN, "ontology": "coffee_trade"}
    found = getattr(langchain_timbr, chain)(**settings).invoke(question)
    assert not found.get("error"), found
    return found


def prompts():
    service = prompt_service.PromptService(conn_params={"url": URL, "token": TOKEN})
    for step in STEPS:
        messages = service._fetch_template(f"llm_prompts/{step}").messages
        assert [type(message).__name__ for message in messages] == [
            "SystemMessagePromptTemplate",
            "HumanMessagePromptTemplate",
        ], messages


def identify():
    found = run("IdentifyTimbrConceptChain")
    assert (found["concept"], found["schema"]) == ("customer", "dtimbr"), found


def generate():
    found = run("GenerateTimbrSqlChain")
    assert found["sql"] == SQL, found


def validate():
    assert run("ValidateTimbrSqlChain", {**QUESTION, "sql": SQL})["is_sql_valid"] is True


def execute():
    rows = run("ExecuteTimbrQueryChain")["rows"]
    assert rows[0]["n"] > 100, rows


def answer():
    chain = langchain_timbr.GenerateAnswerChain(llm=Model(responses=["138."]), url=URL, token=TOKEN)
    assert chain.invoke({**QUESTION, "rows": [{"n": 138}], "sql": SQL})["answer"] == "138."


def agent():
    made = langchain_timbr.create_timbr_sql_agent(
        llm=Model(responses=[SQL]), url=URL, token=TOKEN, ontology="coffee_trade"
    )
    found = made.invoke(QUESTION["prompt"])
    assert found["rows"][0]["n"] > 100 and not found["error"], found


class Refusals(logging.Handler):
    """The tools record in the background, and only log what is refused."""

    def emit(self, record):
        if record.levelno >= logging.WARNING and "log request" in record.getMessage():
            refused.append(record.getMessage())


if __name__ == "__main__":
    CASE, URL = sys.argv[1:]
    refused = []
    logging.getLogger().addHandler(Refusals())
    {case.__name__: case for case in [prompts, identify, generate, validate, execute, answer, agent]}[CASE]()
    chain_logger._flush_log_queue(5)
    assert not refused, refused
