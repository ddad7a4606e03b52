//! Our own document: what no probe has.

use descant_runtime as rt;
use futures_util::{StreamExt, stream};

use crate::peer::{asked, told};

#[tokio::test]
async fn a_query_string_is_one_value() {
    exchange!(own search(&SearchOptions { query: Some(Query { text: Some("a b".into()), tags: Some(vec!["x".into(), "y".into()]) }) })
        SearchRequest { query: Some(Query { text: Some("a b".into()), tags: Some(vec!["x".into(), "y".into()]) }) },
        "GET /search?text=a%20b&tags=x&tags=y\naccept: text/plain\n", SearchResponse::NoContent, "204 No Content\n");
}

#[tokio::test]
async fn what_a_range_leaves_open_says_what_it_is() {
    use wire::own::{client::Client, operations::*};
    const TELL: &str = "200 OK\ncontent-type: image/gif\n\nGIF";
    let (seen, answer) = asked(TELL, async |url| {
        let body = rt::Content::new("image/png", "PNG");
        Client::new(&url).unwrap().image(Some(body)).await.unwrap()
    })
    .await;
    assert_eq!(seen, "PUT /image\naccept: image/*\ncontent-type: image/png\n\nPNG");
    let ImageResponse::Ok(rt::Content { media_type, body }) = answer;
    assert_eq!((media_type.as_str(), body.read(9).await.unwrap().as_ref()), ("image/gif", &b"GIF"[..]));
}

#[tokio::test]
async fn an_operation_may_have_a_server_of_its_own() {
    use wire::own::client::{SERVERS, UPLOAD_SERVERS};
    assert_eq!(SERVERS[0].with(&[("host", "x")]).unwrap(), "http://x/v1");
    assert_eq!(UPLOAD_SERVERS[0].url(), "/uploads");
}
