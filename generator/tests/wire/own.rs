//! Our own document: what no probe has.

use descant_runtime as rt;
use futures_util::{StreamExt, stream};

use crate::peer::{asked, told};

#[tokio::test]
async fn a_query_string_is_one_value() {
    exchange!(own search().query(Query { text: Some("a b".into()), tags: Some(vec!["x".into(), "y".into()]) })
        SearchRequest { query: Some(Query { text: Some("a b".into()), tags: Some(vec!["x".into(), "y".into()]) }) },
        "GET /search?text=a%20b&tags=x&tags=y\naccept: text/plain\n", SearchResponse::NoContent, "204 No Content\n");
}

#[tokio::test]
async fn what_a_range_leaves_open_says_what_it_is() {
    use wire::own::{client::Client, operations::*};
    const TELL: &str = "200 OK\ncontent-type: image/gif\n\nGIF";
    let (seen, answer) = asked(TELL, async |url| {
        let body = rt::Content::new("image/png", "PNG");
        Client::new(&url).unwrap().image(Some(body)).answer().await.unwrap()
    })
    .await;
    assert_eq!(seen, "PUT /image\naccept: image/*\ncontent-type: image/png\n\nPNG");
    let ImageResponse::Ok(rt::Content { media_type, body }) = answer;
    assert_eq!((media_type.as_str(), body.read(9).await.unwrap().as_ref()), ("image/gif", &b"GIF"[..]));
}

#[tokio::test]
async fn a_file_goes_as_its_part_says_and_a_value_as_its_own() {
    use wire::own::{client::Client, operations::*, server, types::*};
    struct Files;
    impl server::Api for Files {
        async fn upload(
            &self,
            request: server::UploadRequest,
            _: &rt::server::Context,
        ) -> rt::server::HandlerResult<UploadResponse> {
            let UploadBody { photos, title, tags, pets, note, meta } = request.body;
            let mut sizes = Vec::new();
            for photo in photos {
                assert_eq!(photo.content_type.as_deref(), Some("image/png"));
                assert_eq!(photo.headers.get("x-angle").is_some(), sizes.is_empty());
                sizes.push(photo.body.read(99).await.unwrap().len() as i64);
            }
            assert_eq!((title.as_str(), tags), ("t", Some(vec!["a".into(), "b,c".into()])));
            assert_eq!(pets, Some(vec![pet("Ada"), pet("Bob")]));
            assert_eq!((note.as_deref(), meta), (Some("# n"), Some(pet("Eve"))));
            let x_flags = Some(UploadCreatedXFlags { a: Some(true), b: Some("x".into()) });
            Ok(UploadResponse::Created { headers: UploadCreatedHeaders { x_sizes: sizes, x_flags } })
        }
    }
    const ASK: &str = "POST /upload/7\naccept: */*\ncontent-type: multipart/form-data; boundary=LINE\n\n\
        --LINE\nContent-Disposition: form-data; name=\"photos\"; filename=\"photos\"\n\
        Content-Type: image/png\nx-angle: 90\n\n1\n\
        --LINE\nContent-Disposition: form-data; name=\"photos\"; filename=\"photos\"\n\
        Content-Type: image/png\n\n22\n\
        --LINE\nContent-Disposition: form-data; name=\"title\"\n\nt\n\
        --LINE\nContent-Disposition: form-data; name=\"tags\"\n\na\n\
        --LINE\nContent-Disposition: form-data; name=\"tags\"\n\nb,c\n\
        --LINE\nContent-Disposition: form-data; name=\"pets\"\nContent-Type: application/json\n\n{\"name\":\"Ada\"}\n\
        --LINE\nContent-Disposition: form-data; name=\"pets\"\nContent-Type: application/json\n\n{\"name\":\"Bob\"}\n\
        --LINE\nContent-Disposition: form-data; name=\"note\"\nContent-Type: text/markdown\n\n# n\n\
        --LINE\nContent-Disposition: form-data; name=\"meta\"\nContent-Type: application/xml\n\n\
        <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<meta><name>Eve</name></meta>\n--LINE--\n";
    const TELL: &str = "201 Created\nx-flags: a,true,b,x\nx-sizes: 1,2\n";
    let (seen, answer) = asked(TELL, async |url| {
        let mut first = rt::File::from("1");
        first.headers.insert("x-angle", rt::http::HeaderValue::from_static("90"));
        let body = UploadBody {
            photos: vec![first, "22".into()],
            title: "t".into(),
            tags: Some(vec!["a".into(), "b,c".into()]),
            pets: Some(vec![pet("Ada"), pet("Bob")]),
            note: Some("# n".into()),
            meta: Some(pet("Eve")),
        };
        Client::new(&url).unwrap().upload(7, body).answer().await.unwrap()
    })
    .await;
    assert_eq!(seen, ASK);
    let UploadResponse::Created { headers } = answer;
    assert_eq!(headers.x_sizes, [1, 2]);
    assert_eq!(headers.x_flags, Some(UploadCreatedXFlags { a: Some(true), b: Some("x".into()) }));
    assert_eq!(told(server::router(Files), ASK).await, TELL);
    for (from, to, place) in
        [("\n\nt\n", "\n\ntoo long\n", "/title"), ("Ada", "", "/pets/0/name"), ("upload/7", "upload/0", "id")]
    {
        let told = told(server::router(Files), &ASK.replacen(from, to, 1)).await;
        assert!(told.starts_with("400 Bad Request") && told.contains(place), "{from:?}: {told}");
    }
}

#[tokio::test]
async fn a_style_says_which_parts_a_property_is() {
    use wire::own::{client::Client, operations::*, server, types::*};
    struct Styled;
    impl server::Api for Styled {
        async fn styled(
            &self,
            request: server::StyledRequest,
            _: &rt::server::Context,
        ) -> rt::server::HandlerResult<StyledResponse> {
            let StyledBody { file, ids, words, filter, place } = request.body;
            assert_eq!(file.body.read(9).await.unwrap(), "F");
            assert_eq!((ids, words), (Some(vec![1, 2]), Some(vec!["a b".into(), "c%".into()])));
            assert_eq!(filter, Some(StyledBodyFilter { least: Some(3), kinds: Some(vec![Kind::Cat]) }));
            assert_eq!(place, Some(Place { lat: Some(1.5), floor: None, name: Some("x&y".into()) }));
            Ok(StyledResponse::NoContent)
        }
    }
    const ASK: &str = "POST /styled\naccept: */*\ncontent-type: multipart/form-data; boundary=LINE\n\n\
        --LINE\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\n\
        Content-Type: application/octet-stream\n\nF\n\
        --LINE\nContent-Disposition: form-data; name=\"ids\"\n\n1,2\n\
        --LINE\nContent-Disposition: form-data; name=\"words\"\n\na b|c%\n\
        --LINE\nContent-Disposition: form-data; name=\"filter[least]\"\n\n3\n\
        --LINE\nContent-Disposition: form-data; name=\"filter[kinds][0]\"\n\ncat\n\
        --LINE\nContent-Disposition: form-data; name=\"lat\"\n\n1.5\n\
        --LINE\nContent-Disposition: form-data; name=\"name\"\n\nx&y\n--LINE--\n";
    const TELL: &str = "204 No Content\n";
    let (seen, answer) = asked(TELL, async |url| {
        let body = StyledBody {
            file: "F".into(),
            ids: Some(vec![1, 2]),
            words: Some(vec!["a b".into(), "c%".into()]),
            filter: Some(StyledBodyFilter { least: Some(3), kinds: Some(vec![Kind::Cat]) }),
            place: Some(Place { lat: Some(1.5), floor: None, name: Some("x&y".into()) }),
        };
        Client::new(&url).unwrap().styled(body).answer().await.unwrap()
    })
    .await;
    assert_eq!((seen.as_str(), answer), (ASK, StyledResponse::NoContent));
    assert_eq!(told(server::router(Styled), ASK).await, TELL);
    let long = told(server::router(Styled), &ASK.replacen("1,2", "1,2,3,4", 1)).await;
    assert!(long.starts_with("400 Bad Request") && long.contains("maxItems"), "{long}");
}

#[tokio::test]
async fn headers_and_cookies_hold_lists_and_objects() {
    fn place() -> wire::own::types::Place {
        wire::own::types::Place { lat: Some(-0.5), floor: None, name: Some("a b".into()) }
    }
    exchange!(own places(&[1.5, 2.0]).x_ids(vec![1, 2]).x_flat(place()).x_named(place()).x_json(place()).place(Place { lat: None, floor: Some(3), name: Some("a;b".into()) }).joined(vec![4, 5])
        PlacesRequest {
            r#box: vec![1.5, 2.0],
            x_ids: Some(vec![1, 2]),
            x_flat: Some(place()),
            x_named: Some(place()),
            x_json: Some(place()),
            place: Some(Place { lat: None, floor: Some(3), name: Some("a;b".into()) }),
            joined: Some(vec![4, 5]),
        },
        "GET /places/1.5,2.0.json\naccept: */*\ncookie: floor=3; name=a%3Bb; joined=4,5\n\
         x-flat: lat,-0.5,name,a b\nx-ids: 1,2\nx-json: {\"lat\":-0.5,\"name\":\"a b\"}\nx-named: lat=-0.5,name=a b\n",
        PlacesResponse::NoContent, "204 No Content\n");
}

#[tokio::test]
async fn a_segment_may_be_more_than_one_parameter() {
    exchange!(own range(-1, 20).c(vec!["x", "y"]).f(rt::Map::from([("k".to_owned(), 1)]))
        RangeRequest { from: -1, to: 20, c: Some(vec!["x".to_owned(), "y".to_owned()]), f: Some(rt::Map::from([("k".to_owned(), 1)])) },
        "GET /range/-1...20?f=k,1\naccept: */*\ncookie: c=x; c=y\n", RangeResponse::NoContent, "204 No Content\n");
    exchange!(own range(1, 2) RangeRequest { from: 1, to: 2, c: None, f: None },
        "GET /range/1...2\naccept: */*\n", RangeResponse::NoContent, "204 No Content\n");
}

#[tokio::test]
async fn items_go_one_by_one_both_ways() {
    use wire::own::{client::Client, operations::*, server, types::*};
    struct Import;
    impl server::Api for Import {
        async fn import(
            &self,
            request: server::ImportRequest,
            _: &rt::server::Context,
        ) -> rt::server::HandlerResult<ImportResponse> {
            let pets = match request.body {
                PetBody::XNdjson(items) => items.map(|pet| pet.unwrap()).collect().await,
                PetBody::Json(pets) => pets,
            };
            Ok(ImportResponse::Default(rt::StatusCode::ACCEPTED, rt::Items::new(stream::iter(pets))))
        }
    }
    const HEAD: &str = "POST /import\naccept: application/json-seq\ncontent-type: ";
    const TELL: &str = "202 Accepted\ncontent-type: application/json-seq\n\n\u{1e}{\"name\":\"Ada\"}\n\u{1e}{\"name\":\"Bob\"}\n";
    let pets = || vec![pet("Ada"), pet("Bob")];
    for (body, text) in [
        (
            PetBody::XNdjson(rt::Items::new(stream::iter(pets()))),
            "application/x-ndjson\n\n{\"name\":\"Ada\"}\n{\"name\":\"Bob\"}\n",
        ),
        (PetBody::Json(pets()), "application/json\n\n[{\"name\":\"Ada\"},{\"name\":\"Bob\"}]"),
    ] {
        let ask = format!("{HEAD}{text}");
        let (seen, read) = asked(TELL, async |url| {
            let ImportResponse::Default(status, items) =
                Client::new(&url).unwrap().import(body).answer().await.unwrap();
            assert_eq!(status, rt::StatusCode::ACCEPTED);
            items.map(|pet| pet.unwrap()).collect::<Vec<_>>().await
        })
        .await;
        assert_eq!((seen, read), (ask.clone(), pets()));
        assert_eq!(told(server::router(Import), &ask).await, TELL);
    }
}

#[tokio::test]
async fn every_status_has_its_answer() {
    const ASK: &str = "GET /outcomes/1\naccept: application/json, text/plain\n";
    exchange!(own outcomes(1) OutcomesRequest, ASK, OutcomesResponse::Ok(pet("Ada")),
        "200 OK\ncontent-type: application/json\n\n{\"name\":\"Ada\"}");
    // A redirect is an answer like any other: it is not followed.
    exchange!(own outcomes(1) OutcomesRequest, ASK,
        OutcomesResponse::Found { headers: OutcomesFoundHeaders { location: "http://x/".into() } },
        "302 Found\nlocation: http://x/\n");
    exchange!(own outcomes(1) OutcomesRequest, ASK, OutcomesResponse::NotModified, "304 Not Modified\n");
    exchange!(own outcomes(1) OutcomesRequest, ASK,
        OutcomesResponse::ClientError(rt::StatusCode::IM_A_TEAPOT, "no".into()),
        "418 I'm a teapot\ncontent-type: text/plain\n\nno");
    exchange!(own outcomes(1) OutcomesRequest, ASK,
        OutcomesResponse::Default(rt::StatusCode::BAD_GATEWAY, pet("Bob")),
        "502 Bad Gateway\ncontent-type: application/json\n\n{\"name\":\"Bob\"}");
    // What a range or `default` is for does not take what has an answer of its own.
    use wire::own::{operations::*, server};
    struct Wrong;
    impl server::Api for Wrong {
        async fn outcomes(
            &self,
            _: server::OutcomesRequest,
            _: &rt::server::Context,
        ) -> rt::server::HandlerResult<OutcomesResponse> {
            Ok(OutcomesResponse::ClientError(rt::StatusCode::OK, String::new()))
        }
    }
    let told = told(server::router(Wrong), ASK).await;
    assert!(told.starts_with("500 Internal Server Error"), "{told}");
}

#[tokio::test]
async fn a_head_has_headers_and_no_body() {
    exchange!(own look(1) LookRequest, "HEAD /outcomes/1\naccept: */*\n",
        LookResponse::Ok { headers: LookOkHeaders { x_kind: Some(Kind::Cat) } }, "200 OK\nx-kind: cat\n");
    exchange!(own look(1) LookRequest, "HEAD /outcomes/1\naccept: */*\n", LookResponse::NotFound, "404 Not Found\n");
}

#[tokio::test]
async fn numbers_are_exact() {
    let numbers = |any: &str| Numbers {
        signed: Some(i64::MIN),
        unsigned: Some(u64::MAX),
        ratio: Some(0.1),
        price: Some("123456789012345678901234567890.12".into()),
        any: serde_json::from_str(any).ok(),
    };
    use wire::own::types::Numbers;
    echo!(own numbers NumbersRequest NumbersResponse "/numbers", [
        numbers("18446744073709551615") => r#"{"signed":-9223372036854775808,"unsigned":18446744073709551615,"ratio":0.1,"price":"123456789012345678901234567890.12","any":18446744073709551615}"#,
        numbers("[-9223372036854775808]") => r#"{"signed":-9223372036854775808,"unsigned":18446744073709551615,"ratio":0.1,"price":"123456789012345678901234567890.12","any":[-9223372036854775808]}"#,
    ], refuses [r#"{"signed":9223372036854775808}"#, r#"{"unsigned":-1}"#, r#"{"signed":1.5}"#]);
}

#[tokio::test]
async fn a_body_may_be_left_out() {
    use wire::own::{client::Client, operations::*};
    let (seen, _) = asked("200 OK\ncontent-type: image/gif\n\n", async |url| {
        Client::new(&url).unwrap().image(None).answer().await.unwrap()
    })
    .await;
    assert_eq!(seen, "PUT /image\naccept: image/*\n");
}

#[tokio::test]
async fn an_operation_may_have_a_server_of_its_own() {
    use wire::own::client::{Client, SERVERS, UPLOAD_SERVERS};
    assert_eq!(SERVERS[0].with(&[("host", "x")]).unwrap(), "http://x/v1");
    assert_eq!(UPLOAD_SERVERS[0].url(), "/uploads");
    let body = || wire::own::operations::UploadBody {
        photos: Vec::new(),
        title: "t".into(),
        tags: None,
        pets: None,
        note: None,
        meta: None,
    };
    // A client of the document's server sends the operation to its own, one of another sends everything there.
    for (base, path) in [("/v1", "/uploads/upload/7"), ("/mock", "/mock/upload/7")] {
        let (seen, _) = asked("201 Created\nx-sizes: 1\n", async |url| {
            let url = match base {
                "/v1" => SERVERS[0].with(&[("host", url.trim_start_matches("http://"))]).unwrap(),
                base => format!("{url}{base}"),
            };
            Client::new(&url).unwrap().upload(7, body()).answer().await.unwrap()
        })
        .await;
        assert!(seen.starts_with(&format!("POST {path}\n")), "{seen}");
    }
}

#[tokio::test]
async fn links_take_what_their_expressions_name() {
    use wire::own::{client::Client, operations::*, types::*};
    let other = || OutcomesResponse::Default(rt::StatusCode::BAD_GATEWAY, pet("Bob"));
    let numbers = |any: serde_json::Value| Numbers {
        signed: None,
        unsigned: None,
        ratio: None,
        price: None,
        any: Some(any),
    };
    let body = || UploadBody {
        photos: Vec::new(),
        title: "t".into(),
        tags: None,
        pets: None,
        note: None,
        meta: None,
    };
    let given = serde_json::json!({"lat": 1.5});
    let answer = NumbersResponse::Ok(numbers(serde_json::json!([1, "2"])));
    let answer = &answer;
    for (call, first) in [
        ("again", "GET /outcomes/3\n"),
        ("counted", "POST /numbers\n"),
        ("coded", "GET /outcomes/502\n"),
        ("joined", "GET /outcomes/13502\n"),
        ("noted", "GET /notes?text=GET%20Bob%20at%20http%3A%2F%2Fx%2F%21\n"),
        ("same", "POST /numbers\n"),
        ("picture", "PUT /image\n"),
        ("photos", "POST /upload/7\n"),
        ("place", "GET /places/0.5.json\n"),
    ] {
        let (seen, _) = asked("503 Service Unavailable\n", async |url| {
            let client = Client::new(&url).unwrap();
            match call {
                "again" => client.again_of_outcomes(&other(), 3).unwrap().answer().await.map(|_| ()),
                "counted" => client.counted_of_outcomes(&other()).unwrap().answer().await.map(|_| ()),
                "coded" => client.coded_of_outcomes(&other()).unwrap().answer().await.map(|_| ()),
                "joined" => client.joined_of_outcomes(&other(), 3).unwrap().answer().await.map(|_| ()),
                "noted" => client.noted_of_outcomes(&other(), "http://x/").unwrap().answer().await.map(|_| ()),
                "same" => client.same_of_numbers(answer).unwrap().answer().await.map(|_| ()),
                "picture" => client.picture_of_numbers(answer).unwrap().answer().await.map(|_| ()),
                "photos" => client.photos_of_numbers(answer, body()).unwrap().answer().await.map(|_| ()),
                _ => {
                    let request = numbers(given.clone());
                    let place = client.place_of_numbers(answer, &request, &[0.5]).unwrap();
                    place.answer().await.map(|_| ())
                }
            }
        })
        .await;
        assert!(seen.starts_with(first), "{call}: {seen}");
        if call == "place" {
            // What does not fit an optional parameter is left out.
            assert!(seen.contains("x-flat: lat,1.5\n") && !seen.contains("x-ids"), "{seen}");
        }
    }
    let nowhere = Client::new("http://127.0.0.1:1").unwrap();
    assert!(nowhere.again_of_outcomes(&OutcomesResponse::NotModified, 3).is_none());
}

/// No digit is lost between a client and a server, and what would lose one is refused.
#[tokio::test]
async fn numbers_beyond_64_bits_are_exact() {
    fn wide() -> wire::own::types::Wide {
        wire::own::types::Wide {
            above: u64::MAX,
            vast: 1 << 100,
            below: i128::from(i64::MIN) - 1,
            huge: Some(1 << 64),
            price: "0.1000000000000000000001".parse().unwrap(),
            listed: Some(u64::MAX),
        }
    }
    const JSON: &str = "{\"above\":18446744073709551615,\"vast\":1267650600228229401496703205376,\
        \"below\":-9223372036854775809,\"price\":0.1000000000000000000001,\"huge\":18446744073709551616,\
        \"listed\":18446744073709551615}";
    exchange!(own wide(u64::MAX, &wide()).price("19.990".parse::<rt::Number>().unwrap()).huge(-7)
        WideRequest { id: u64::MAX, price: Some("19.99".parse().unwrap()), huge: Some(-7), body: wide() },
        format!("POST /wide/18446744073709551615?price=19.99&huge=-7\naccept: application/json\n\
            content-type: application/json\n\n{JSON}"),
        WideResponse::Ok(wide()), &*format!("200 OK\ncontent-type: application/json\n\n{JSON}"));

    use wire::own::{client::Client, operations::*, server};
    struct Never;
    impl server::Api for Never {}
    let ask = |query: &str, json: &str| {
        format!("POST /wide/1{query}\naccept: application/json\ncontent-type: application/json\n\n{json}")
    };
    for (query, json, place) in [
        ("", JSON.replace("18446744073709551615,", "18446744073709551616,"), "maximum"),
        ("", JSON.replace("-9223372036854775809", "340282366920938463463374607431768211457"), "out of range"),
        ("", JSON.replace("\"huge\":18446744073709551616", "\"huge\":9007199254740993.0"), "expected"),
        ("", JSON.replace(":0.1000000000000000000001", ":-0.1000000000000000000001"), "minimum"),
        ("", JSON.replace(":0.1000000000000000000001", ":\"1\""), "expected a number"),
        ("?price=0.1000000000000000000001", JSON.to_owned(), "64 bits"),
        ("?huge=18446744073709551616", JSON.to_owned(), "huge"),
    ] {
        let told = told(server::router(Never), &ask(query, &json)).await;
        assert!(told.starts_with("400 Bad Request") && told.contains(place), "{query} {json}: {told}");
    }
    let whole = ask("", r#"{"above":1.0,"vast":2e0,"below":-1,"price":1.5,"huge":2e3}"#);
    assert!(told(server::router(Never), &whole).await.starts_with("501"), "whole numbers are integers");
    // A client does not send what it would have to round.
    let nowhere = Client::new("http://127.0.0.1:1").unwrap();
    let price: rt::Number = "0.1000000000000000000001".parse().unwrap();
    for call in [nowhere.wide(1, &wide()).huge(1 << 64), nowhere.wide(1, &wide()).price(price)] {
        let error = call.await.unwrap_err();
        assert!(error.to_string().contains("64 bits"), "{error}");
    }
}

fn pet(name: &str) -> wire::own::types::Pet {
    wire::own::types::Pet { name: name.into(), kind: None, parents: None }
}

#[tokio::test]
async fn what_breaks_a_branch_of_a_union_is_told_with_its_place() {
    use wire::own::{operations::*, server};
    struct Kitchen;
    impl server::Api for Kitchen {
        async fn order(
            &self,
            _: server::OrderRequest,
            _: &rt::server::Context,
        ) -> rt::server::HandlerResult<OrderResponse> {
            Ok(OrderResponse::NoContent)
        }
    }
    let ask = async |target: &str, media_type: &str, body: &str| {
        let ask = format!("POST /orders{target}\ncontent-type: {media_type}\n\n{body}");
        told(server::router(Kitchen), &ask).await
    };
    for good in [
        r#"["tea", null, {"kind": "drink", "code": "ab", "litres": 0.3, "serial": 9007199254740993}]"#,
        r#"[{"kind": "meal", "sauce": "a", "side": "b", "parts": ["first", "salt"], "x-a": "ab", "hot": true}]"#,
        r#"[{"kind": "meal", "inner": 2}, {"kind": "meal", "inner": {"kind": "meal", "inner": "tea"}}]"#,
    ] {
        let told = ask("", "application/json", good).await;
        assert!(told.starts_with("204 No Content"), "{good}: {told}");
    }
    for (bad, place, keyword) in [
        (r#"["x"]"#, "#/0", "minLength"),
        ("[7]", "#/0", "type"),
        (r#"[null, {"kind": "drink", "code": "xa"}]"#, "#/1/code", "pattern"),
        (r#"[{"kind": "drink", "litres": 0.35}]"#, "#/0/litres", "multipleOf"),
        (r#"[{"kind": "drink", "serial": 9007199254740994}]"#, "#/0/serial", "maximum"),
        (r#"[{"kind": "meal", "sauce": "a"}]"#, "#/0", "required"),
        (r#"[{"kind": "meal", "bones": 1}]"#, "#/0", "not"),
        (r#"[{"kind": "meal", "hot": false}]"#, "#/0/hot", "const"),
        (r#"[{"kind": "meal", "x-a": "abc"}]"#, "#/0/x-a", "maxLength"),
        (r#"[{"kind": "meal", "parts": ["first"]}]"#, "#/0/parts", "contains"),
        (r#"[{"kind": "meal", "parts": ["salt"]}]"#, "#/0/parts/0", "enum"),
        (r#"[{"kind": "meal", "inner": 1}]"#, "#/0/inner", "minimum"),
        (r#"[{"kind": "meal", "inner": {"kind": "meal", "inner": "x"}}]"#, "#/0/inner/inner", "minLength"),
    ] {
        let told = ask("", "application/json", bad).await;
        let fault = format!("{{\"pointer\":\"{place}\",\"keyword\":\"{keyword}\"");
        assert!(told.starts_with("400 Bad Request") && told.contains(&fault), "{bad}: {told}");
    }
    for (target, body, status) in [
        ("?by=10", "size=9", "204"),
        ("?by=true", "size=true", "204"),
        ("?by=9", "size=9", "400"),
        ("?by=10", "size=10", "400"),
    ] {
        let told = ask(target, "application/x-www-form-urlencoded", body).await;
        assert!(told.starts_with(status), "{target} {body}: {told}");
    }
}
