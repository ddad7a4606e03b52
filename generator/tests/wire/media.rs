//! `media.yaml`: media types that documents leave open, parameters without a value, and lists that a form does not have.

use crate::peer::told;

#[tokio::test]
async fn a_text_of_any_media_type_says_what_it_is() {
    exchange!(media any("hi") AnyRequest { body: "hi" }, "POST /any\naccept: */*\ncontent-type: text/plain\n\nhi",
        AnyResponse::Ok("yes".into()), "200 OK\ncontent-type: text/plain\n\nyes");
    use wire::media::{client::Client, operations::AnyResponse, server};
    let json = "200 OK\ncontent-type: application/json\n\n\"yes\"";
    let (_, answer) =
        crate::peer::asked(json, async |url| Client::new(&url).unwrap().any("hi").answer().await.unwrap()).await;
    assert_eq!(answer, AnyResponse::Ok("yes".into()), "JSON is read as such");
    struct Length;
    impl server::Api for Length {
        async fn any(
            &self,
            request: server::AnyRequest,
            _: &descant_runtime::server::Context,
        ) -> descant_runtime::server::HandlerResult<AnyResponse> {
            Ok(AnyResponse::Ok(request.body.len().to_string()))
        }
    }
    for (content_type, body, expected) in [
        ("text/plain", "hi", "200 OK\ncontent-type: text/plain\n\n2"),
        ("application/json", "\"hi\"", "200 OK\ncontent-type: text/plain\n\n2"),
        ("text/plain", "longer", "400 Bad Request"),
        ("application/json", "hi", "400 Bad Request"),
    ] {
        let ask = format!("POST /any\ncontent-type: {content_type}\n\n{body}");
        let told = told(server::router(Length), &ask).await;
        assert!(told.starts_with(expected), "{ask}: {told}");
    }
}

#[tokio::test]
async fn text_by_another_name_is_text() {
    exchange!(media graph("{ a }") GraphRequest { body: "{ a }" },
        "POST /query\naccept: application/yaml\ncontent-type: application/graphql\n\n{ a }",
        GraphResponse::Ok("a: 1".into()), "200 OK\ncontent-type: application/yaml\n\na: 1");
}

#[tokio::test]
async fn a_parameter_may_have_no_value() {
    use wire::media::{operations::FindResponse, server};
    struct Found;
    impl server::Api for Found {
        async fn find(
            &self,
            request: server::FindRequest,
            _: &descant_runtime::server::Context,
        ) -> descant_runtime::server::HandlerResult<FindResponse> {
            assert_eq!((request.n, request.word.as_deref()), (None, Some("")));
            Ok(FindResponse::NoContent)
        }
    }
    let status = async |query: &str| told(server::router(Found), &format!("GET /find?{query}\n")).await;
    assert_eq!(status("n=&word=").await, "204 No Content\n");
    assert!(status("n=x&word=").await.starts_with("400"));
    assert!(status("n=&word=ab").await.starts_with("400"));
}

#[tokio::test]
async fn a_required_list_of_no_items_leaves_no_trace_in_a_form() {
    exchange!(media pick(&PickBody::new(Vec::new())) PickRequest { body: PickBody::new(Vec::new()) },
        "POST /pick\naccept: */*\ncontent-type: application/x-www-form-urlencoded\n",
        PickResponse::NoContent, "204 No Content\n");
    use wire::media::{operations::SendResponse, server};
    struct Sent;
    impl server::Api for Sent {
        async fn send(
            &self,
            request: server::SendRequest,
            _: &descant_runtime::server::Context,
        ) -> descant_runtime::server::HandlerResult<SendResponse> {
            assert_eq!((request.body.ids, request.body.few), (vec![], vec![1]));
            Ok(SendResponse::NoContent)
        }
    }
    const FILE: &str = "POST /send\ncontent-type: multipart/form-data; boundary=LINE\n\n\
        --LINE\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\n\nF\n";
    const FEW: &str = "--LINE\nContent-Disposition: form-data; name=\"few\"\n\n1\n";
    let sent = told(server::router(Sent), &format!("{FILE}{FEW}--LINE--\n")).await;
    assert_eq!(sent, "204 No Content\n");
    let lacking = told(server::router(Sent), &format!("{FILE}--LINE--\n")).await;
    assert!(lacking.starts_with("400") && lacking.contains("few"), "{lacking}");
}

#[tokio::test]
async fn what_one_part_closes_no_other_opens() {
    use wire::media::{operations::DogResponse, server};
    struct Dogs;
    impl server::Api for Dogs {
        async fn dog(
            &self,
            _: server::DogRequest,
            _: &descant_runtime::server::Context,
        ) -> descant_runtime::server::HandlerResult<DogResponse> {
            Ok(DogResponse::NoContent)
        }
    }
    let told = async |body: &str| {
        told(server::router(Dogs), &format!("POST /dog\ncontent-type: application/json\n\n{body}")).await
    };
    assert_eq!(told(r#"{"name": "Rex"}"#).await, "204 No Content\n");
    let refused = told(r#"{"name": "Rex", "bark": true}"#).await;
    assert!(refused.starts_with("400") && refused.contains("bark"), "{refused}");
}
