//! HEAD is answered as GET is, without the body (RFC 9110, 9.3.2).

use descant_exchange::Check;

use crate::case::{Call, Case, CaseKind, Step};
use crate::exchange::Exchange;
use crate::expect::Expect;
use crate::failure::{Failure, Severity};
use crate::session::Session;

/// Compares the answer to HEAD with that of GET, which is called once more; it becomes the first step of the case. A service
/// need not have HEAD.
pub(crate) async fn unlike_get(
    session: &Session<'_>,
    case: &mut Case,
    exchanges: &mut Vec<Exchange>,
) -> Option<Failure> {
    let ([step], [head]) = (case.steps.as_slice(), exchanges.as_slice()) else { return None };
    let is_head = step.call.method.as_deref() == Some("HEAD") && case.kind == CaseKind::Robustness;
    if !is_head || matches!(head.status(), 0 | 405 | 429 | 501) {
        return None;
    }
    let expect = Expect::no_failure();
    let get = Step { call: Call { method: None, ..step.call.clone() }, expect };
    let exchange = session.exchange(&get, &[]).await.ok()?;
    let (head, status) = (head.status(), exchange.status());
    if head == status || matches!(status, 0 | 429 | 500..) {
        return None;
    }
    case.steps.insert(0, get);
    exchanges.insert(0, exchange);
    let message = format!("HEAD is answered {head}, and GET {status} (RFC 9110, 9.3.2)");
    // 404 for a method that a service does not have is a warning for every other method, too.
    let severity = if head == 404 { Severity::Warning } else { Severity::Error };
    Some(Failure { severity, check: Check::Status, message })
}
