//! Documents about schemas: what values look like as JSON, to and fro.

use descant_runtime as rt;
use descant_runtime::Value;
use serde_json::json;

#[tokio::test]
async fn p02_v31_nulltypes() {
    echo!(p02_v31_nulltypes use_a UseARequest UseAResponse "/a", [
        A { a: None, b: Some(AB::Integer(3)), c: Some(AC::X), d: Some(1) } => r#"{"a":null,"b":3,"c":"x","d":1}"#,
        A { a: Some("t".into()), b: Some(AB::Text("3".into())), c: None, d: None } => r#"{"a":"t","b":"3"}"#,
    ], refuses [r#"{"b":"3"}"#, r#"{"a":null,"b":[]}"#, r#"{"a":null,"d":0}"#]);
}

#[tokio::test]
async fn p04_external_refs() {
    const TELL: &str = "200 OK\ncontent-type: application/json\n\n{\"id\":7,\"kind\":\"dog\"}";
    exchange!(p04_external_refs get_pet() GetPetRequest, "GET /pets\naccept: application/json\n",
        GetPetResponse::Ok(Pet { kind: Some(Kind::Dog), ..Pet::new(7) }), TELL);
}

#[tokio::test]
async fn p05_oneof_disc() {
    // The mapping's three names, each kept on its way back; the schemas' own names count too.
    echo!(p05_oneof_disc use_pet UsePetRequest UsePetResponse "/pet", [
        Pet::Cat(Cat { pet_type: "feline".into(), meow: true }) => r#"{"pet_type":"feline","meow":true}"#,
        Pet::Dog(Dog { pet_type: "canine".into(), bark: 1 }) => r#"{"pet_type":"canine","bark":1}"#,
        Pet::Dog(Dog { pet_type: "pup".into(), bark: 2 }) => r#"{"pet_type":"pup","bark":2}"#,
        Pet::Cat(Cat { pet_type: "Cat".into(), meow: false }) => r#"{"pet_type":"Cat","meow":false}"#,
    ], refuses [r#"{"pet_type":"pup","meow":true}"#, r#"{"meow":true}"#]);
}

#[tokio::test]
async fn p06_oneof_plain() {
    echo!(p06_oneof_plain use_val UseValRequest UseValResponse "/val", [
        Val::Text("7".into()) => r#""7""#,
        Val::Integer(7) => "7",
        Val::List(vec!["a".into()]) => r#"["a"]"#,
        Val::Object(ValObject { k: "v".into() }) => r#"{"k":"v"}"#,
    ], refuses ["true", "null", "1.5", "[1]", "{}"]);
}

#[tokio::test]
async fn p07_anyof() {
    echo!(p07_anyof use_any UseAnyRequest UseAnyResponse "/any", [
        Any::Cat(Cat { pet_type: "x".into(), meow: true }) => r#"{"pet_type":"x","meow":true}"#,
        Any::Dog(Dog { pet_type: "x".into(), bark: 1 }) => r#"{"pet_type":"x","bark":1}"#,
    ], refuses [r#"{"pet_type":"x"}"#, r#""x""#]);
}

#[tokio::test]
async fn p08_allof() {
    echo!(p08_allof use_c UseCRequest UseCResponse "/c", [
        C { id: "c".into(), n: 1, m: Some("m".into()), z: Some(vec![A { id: "a".into(), n: None }]) }
            => r#"{"id":"c","n":1,"m":"m","z":[{"id":"a"}]}"#,
    ], refuses [r#"{"id":"c"}"#, r#"{"n":1}"#]);
}

#[tokio::test]
async fn p09_not() {
    echo!(p09_not use_n UseNRequest UseNResponse "/n", [
        json!("t") => r#""t""#,
        json!({"a": [1.5]}) => r#"{"a":[1.5]}"#,
        json!(null) => "null",
    ], refuses []);
}

#[tokio::test]
async fn p10_tristate() {
    echo!(p10_tristate use_t UseTRequest UseTResponse "/t", [
        T::new(None) => r#"{"rn":null}"#,
        T { on: Some(None), ..T::new(None) } => r#"{"on":null,"rn":null}"#,
        T { o: Some("a".into()), on: Some(Some("b".into())), rn: Some("c".into()) } => r#"{"o":"a","on":"b","rn":"c"}"#,
    ], refuses ["{}", r#"{"rn":1}"#]);
}

#[tokio::test]
async fn p11_enums() {
    echo!(p11_enums use_e UseERequest UseEResponse "/e", [
        E { s: Some(ES::Plus1), i: Some(EI::Minus3), n: Some(None), mixed: Some(EMixed::Boolean(true)) }
            => r#"{"s":"+1","i":-3,"n":null,"mixed":true}"#,
        E { s: Some(ES::Empty), i: None, n: Some(Some(EN::X)), mixed: Some(EMixed::Text(EN::X)) }
            => r#"{"s":"","n":"x","mixed":"x"}"#,
    ], refuses [r#"{"s":1}"#, r#"{"i":"1"}"#, r#"{"s":"unknown"}"#, r#"{"i":9}"#]);
    // A client takes a value that the document does not name yet.
    use wire::p11_enums::{client::Client, operations::UseEResponse, types::*};
    let tell = "200 OK\ncontent-type: application/json\n\n{\"s\":\"new\",\"i\":9}";
    let (_, answer) =
        crate::peer::asked(tell, async |url| Client::new(&url).unwrap().use_e(&E::default()).answer().await.unwrap())
            .await;
    let s = Some(ES::Other("new".into()));
    assert_eq!(answer, UseEResponse::Ok(E { s, i: Some(EI::Other(9)), ..E::default() }));
}

#[tokio::test]
async fn p12_formats() {
    let full = concat!(
        r#"{"uuid":"f81d4fae-7dec-11d0-a765-00a0c91e6bf6","date-time":"2026-01-02T03:04:05.678+01:00","#,
        r#""date":"2026-01-02","time":"03:04:05Z","byte":"AP8=","binary":"b","duration":"P1DT2H","#,
        r#""ipv4":"10.0.0.1","ipv6":"::1","decimal":"0.10","uri":"http://x/?a#b","email":"a@b.c","#,
        r#""hostname":"x.y","password":"s3","u64":18446744073709551615,"i32":-2147483648,"f":0.1}"#
    );
    // As JSON and back again is what every setting of formats must keep.
    use wire::p12_formats::{client::Client, operations::UseFResponse, server, types::F};
    struct Echo;
    impl server::Api for Echo {
        async fn use_f(
            &self,
            request: server::UseFRequest,
            _: &rt::server::Context,
        ) -> rt::server::HandlerResult<UseFResponse> {
            let F { byte, u64, i32, ipv4, .. } = &request.body;
            assert_eq!(byte.as_ref().map(|bytes| bytes.0.to_vec()), Some(vec![0, 255]));
            assert_eq!((*u64, *i32), (Some(u64::MAX), Some(i32::MIN)));
            assert_eq!(*ipv4, Some(std::net::Ipv4Addr::new(10, 0, 0, 1)));
            Ok(UseFResponse::Ok(request.body))
        }
    }
    let ask = format!("POST /f\naccept: application/json\ncontent-type: application/json\n\n{full}");
    let tell = format!("200 OK\ncontent-type: application/json\n\n{full}");
    crate::peer::assert_same(&crate::peer::told(server::router(Echo), &ask).await, &tell, "server");
    let value: F = serde_json::from_str(full).unwrap();
    let (seen, answer) =
        crate::peer::asked(&tell, async |url| Client::new(&url).unwrap().use_f(&value).answer().await.unwrap()).await;
    crate::peer::assert_same(&seen, &ask, "client");
    assert_eq!(answer, UseFResponse::Ok(value));
    for wrong in [r#"{"i32":2147483648}"#, r#"{"u64":-1}"#, r#"{"byte":"%"}"#, r#"{"ipv4":"10.0.0"}"#] {
        let ask = format!("POST /f\ncontent-type: application/json\n\n{wrong}");
        let told = crate::peer::told(server::router(Echo), &ask).await;
        assert!(told.starts_with("400 "), "{wrong}: {told}");
    }
}

#[tokio::test]
async fn p13_addprops() {
    echo!(p13_addprops use_m UseMRequest UseMResponse "/m", [
        M { a: "t".into(), extra: [("z".to_owned(), 1), ("b".to_owned(), 2)].into_iter().collect() }
            => r#"{"a":"t","z":1,"b":2}"#,
    ], refuses [r#"{"a":"t","z":"1"}"#, r#"{"z":1}"#]);
}

#[tokio::test]
async fn p14_recursive() {
    echo!(p14_recursive use_node UseNodeRequest UseNodeResponse "/node", [
        Node {
            next: Some(Box::new(Node::default())),
            kids: Some(vec![Node { kids: Some(Vec::new()), ..Node::default() }]),
            m: Some([("k".to_owned(), Node::default())].into_iter().collect()),
        } => r#"{"next":{},"kids":[{"kids":[]}],"m":{"k":{}}}"#,
    ], refuses [r#"{"next":{"next":{"next":{"next":{"next":{"next":{"kids":[{"next":1}]}}}}}}}"#]);
    echo!(p14_recursive use_x UseXRequest UseXResponse "/x", [
        X { y: Y { x: Some(Box::new(X { y: Y::default() })) } } => r#"{"y":{"x":{"y":{}}}}"#,
    ], refuses ["{}", r#"{"y":{"x":{}}}"#]);
}

#[tokio::test]
async fn p34_names() {
    use wire::p34_names::types::Holder;
    // Each property by a value that names it, so that none can stand for another.
    let names = ["foo_bar", "fooBar", "@type", "$id", "self", "crate", "async", "1st", "+1", "-1", "_"];
    let objects = [
        "Option", "Box", "String", "Vec", "Result", "Self", "type", "Error", "Client", "Some", "foo-bar",
        "FooBar", "3D", "Ok", "Value",
    ];
    let mut map = serde_json::Map::new();
    map.extend(names.iter().map(|name| ((*name).to_owned(), Value::from(*name))));
    map.extend(objects.iter().map(|name| ((*name).to_owned(), json!({ "v": name }))));
    let holder: Holder = serde_json::from_value(map.clone().into()).unwrap();
    assert_eq!(serde_json::to_value(&holder).unwrap(), Value::Object(map));
    let json = serde_json::to_string(&holder).unwrap();
    let ask = format!("POST /holder\naccept: application/json\ncontent-type: application/json\n\n{json}");
    let tell = format!("200 OK\ncontent-type: application/json\n\n{json}");
    let (seen, answer) = crate::peer::asked(&tell, async |url| {
        wire::p34_names::client::Client::new(&url).unwrap().use_holder(&holder).answer().await.unwrap()
    })
    .await;
    assert_eq!(seen, ask);
    assert_eq!(answer, wire::p34_names::operations::UseHolderResponse::Ok(holder));
}

#[tokio::test]
async fn p36_readonly_writeonly() {
    use wire::p36_readonly_writeonly::{client::Client, operations::UseUResponse, server, types::*};
    struct Users;
    impl server::Api for Users {
        async fn use_u(
            &self,
            request: server::UseURequest,
            _: &rt::server::Context,
        ) -> rt::server::HandlerResult<UseUResponse> {
            assert_eq!(request.body, UInput { pw: "secret".into(), name: "n".into() });
            Ok(UseUResponse::Ok(U { id: "1".into(), name: "n".into() }))
        }
    }
    const ASK: &str = "POST /u\naccept: application/json\ncontent-type: application/json\n\n\
                       {\"pw\":\"secret\",\"name\":\"n\"}";
    const TELL: &str = "200 OK\ncontent-type: application/json\n\n{\"id\":\"1\",\"name\":\"n\"}";
    let (seen, answer) = crate::peer::asked(TELL, async |url| {
        let body = UInput { pw: "secret".into(), name: "n".into() };
        Client::new(&url).unwrap().use_u(&body).answer().await.unwrap()
    })
    .await;
    assert_eq!(seen, ASK);
    assert_eq!(answer, UseUResponse::Ok(U { id: "1".into(), name: "n".into() }));
    assert_eq!(crate::peer::told(server::router(Users), ASK).await, TELL);
}

#[tokio::test]
async fn p40_v31_schema() {
    echo!(p40_v31_schema use_t UseTRequest UseTResponse "/t", [
        T {
            tup: Some(vec![json!("a"), json!(1)]),
            cst: Some(TCst::Value42),
            r#ref: Some(U { a: Some(None) }),
            pp: Some([("x-a".to_owned(), json!("t"))].into_iter().collect()),
            local: Some("l".into()),
            any: Some(json!([null])),
        } => r#"{"tup":["a",1],"cst":42,"ref":{"a":null},"pp":{"x-a":"t"},"local":"l","any":[null]}"#,
        T { any: Some(json!(null)), r#ref: Some(U { a: Some(Some(vec!["b".into()])) }), ..T::default() }
            => r#"{"ref":{"a":["b"]},"any":null}"#,
    ], refuses [r#"{"tup":[1,"a"]}"#, r#"{"tup":["a",1,2]}"#, r#"{"local":1}"#, r#"{"cst":41}"#]);
}
