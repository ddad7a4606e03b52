//! What the vendor's agents ask of the service and record: the prompts of their steps, and the questions of conversations.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use descant_timbr::types::{
    AgentRecord, ConversationMessage, GetPromptTemplateTemplate as Step, PromptMessage, PromptMessageRole,
    PromptMessageType,
};

/// The maximum number of questions that are kept; the oldest are dropped first.
const MAX_QUESTIONS: usize = 1_000;
/// The maximum length of each text of a question.
const MAX_TEXT: usize = 4_096;

/// Returns the messages of a step's prompt, with the names of the values that the vendor's tools fill in; `None` for a step
/// that is not known. The sentences are the mock's own.
pub(crate) fn prompt(step: &Step) -> Option<Vec<PromptMessage>> {
    let (system, human) = match step {
        Step::IdentifyConcept => (
            "Choose the concept or view that answers the question. Reply with its name alone.\n{note}",
            "Concepts and views:\n{concepts}\n\nQuestion: {question}",
        ),
        Step::GenerateSql => (
            "Write one SQL query that answers the question. Reply with the SQL alone. Today is {current_date}. \
             Name tables as `{schema}`.{concept}. The datasource is {datasource_type}. Return at most {max_limit} rows. \
             {sensitivity_context}{transitive_context}\n{note}",
            "{concept}: {description} {tags}\nColumns:\n{columns}\n{measures_context}\n\nQuestion: {question}",
        ),
        Step::GenerateSqlReasoning => (
            "Assess whether the SQL answers the question. Reply with JSON: \
             {{\"assessment\": \"correct\", \"reasoning\": \"...\"}}, where the assessment may be `partial` or `incorrect` too.",
            "Question: {question}\n\nSQL: {sql_query}",
        ),
        Step::GenerateAnswer => (
            "Answer the question from the rows, in words.\n{note}",
            "Question: {question}\n\nRows:\n{formatted_rows}\n{additional_context}",
        ),
        Step::BenchmarkJudge => (
            "Judge the answer of an agent. Reply with JSON: {{\"assessment\": \"correct\", \"reasoning\": \"...\"}}.",
            "Question: {question}\n\nSQL: {generated_sql}\n{answer_context}{expected_sql_context}{expected_answer_context}",
        ),
        Step::MemoryClassifier => {
            (CLASSIFY, "{conversation_history}\n\nConcepts: {concept_names}\n\nQuestion: {question}")
        }
        Step::MemoryKbClassifier => (
            CLASSIFY,
            "{conversation_history}\n\nConcepts: {concept_names}\n\nExamples:\n{kb_examples}\n\nQuestion: {question}",
        ),
        Step::Other(_) => return None,
    };
    let message =
        |r#type, role, template: &str| PromptMessage { r#type, role, template: template.to_owned() };
    Some(vec![
        message(PromptMessageType::SystemMessage, PromptMessageRole::System, system),
        message(PromptMessageType::HumanMessage, PromptMessageRole::Human, human),
    ])
}

const CLASSIFY: &str = "Decide whether the question follows an earlier one. Reply with JSON: {{\"is_follow_up\": false, \
                        \"relevant_message_ids\": [], \"should_apply_examples\": false, \"relevant_example_names\": []}}.";

/// The questions of conversations, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Conversations(Mutex<VecDeque<(String, ConversationMessage)>>);

impl Conversations {
    /// Keeps a question that belongs to a conversation.
    pub(crate) fn record(&self, record: AgentRecord) {
        let (Some(conversation), Some(message_id)) = (record.conversation_id, record.query_id) else {
            return;
        };
        let short = |text: Option<String>| text.map(|text| text.chars().take(MAX_TEXT).collect());
        let message = ConversationMessage {
            message_id,
            parent_query_id: short(record.parent_query_id),
            question: short(record.question),
            sql: short(record.generated_sql),
            answer: short(record.answer),
            extra: Default::default(),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back((conversation, message));
        if kept.len() > MAX_QUESTIONS {
            kept.pop_front();
        }
    }

    /// Returns the latest questions of a conversation, the oldest first, and whether older ones are left out.
    pub(crate) fn latest(&self, conversation: &str, top: usize) -> (Vec<ConversationMessage>, bool) {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_it = kept.iter().filter(|(of, _)| of == conversation).map(|(_, message)| message);
        let found: Vec<_> = of_it.cloned().collect();
        let older = found.len().saturating_sub(top);
        (found.into_iter().skip(older).collect(), older > 0)
    }
}
