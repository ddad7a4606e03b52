//! A document with webhooks, callbacks and links: what is generated of it, used as its users would, over real sockets.
//!
//! `cargo xtask gen` keeps `api` up to date.

#![allow(unreachable_pub, dead_code, reason = "the module is whole, the test is not")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[rustfmt::skip]
mod api;

use std::sync::{Arc, Mutex};

use descant_runtime as rt;
use rt::client::{Config, Error};
use rt::problem::Problem;
use rt::server::{Context, HandlerResult};

use api::callbacks::{self, DeliveredResponse};
use api::client::Client;
use api::operations::StrikeBody;
use api::operations::*;
use api::security::Credentials;
use api::server::{self, Courier};
use api::types::*;
use api::webhooks::{self, DepotClosedResponse, StrikeResponse};

/// Serves on a free port of the loopback interface.
async fn serve(router: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

/// Somebody who hears of strikes, closed depots and delivered parcels.
#[derive(Clone, Default)]
struct Shop {
    heard: Arc<Mutex<Vec<String>>>,
}

impl Shop {
    fn hear(&self, what: String) {
        self.heard.lock().unwrap().push(what);
    }
}

impl webhooks::receiver::Receiver for Shop {
    type Principal = ();

    async fn check_credentials(&self, credentials: Credentials, context: &Context) -> HandlerResult<()> {
        assert_eq!(context.requirement, ["signature"]);
        match credentials.signature == Some("s1gned".into()) {
            true => Ok(()),
            false => Err(Problem::new(rt::StatusCode::FORBIDDEN).into()),
        }
    }

    async fn strike(
        &self,
        request: webhooks::receiver::StrikeRequest,
        _: &Context,
    ) -> HandlerResult<StrikeResponse> {
        match request.body {
            StrikeBody::Json(body) => self.hear(format!("strike until {}", body.until)),
            StrikeBody::Text(text) => self.hear(text),
        }
        Ok(StrikeResponse::Ok(StrikeOkBody { waits: true }))
    }

    async fn depot_closed(
        &self,
        request: webhooks::receiver::DepotClosedRequest,
        context: &Context,
    ) -> HandlerResult<DepotClosedResponse> {
        self.hear(format!(
            "{} of {} closed: {:?}",
            context.operation, request.body.name, request.body.for_good
        ));
        Ok(DepotClosedResponse::NoContent)
    }
}

impl callbacks::receiver::Receiver for Shop {
    async fn delivered(
        &self,
        request: callbacks::receiver::DeliveredRequest,
        _: &Context,
    ) -> HandlerResult<DeliveredResponse> {
        self.hear(format!("parcel {} at attempt {}", request.body.parcel, request.x_attempt));
        Ok(if request.body.parcel == 7 { DeliveredResponse::NoContent } else { DeliveredResponse::Gone })
    }
}

fn signed(secret: &str) -> Credentials {
    Credentials { signature: Some(secret.into()), token: Some("not for receivers".into()), account: None }
}

#[tokio::test]
async fn a_webhook_is_sent_and_received() {
    let shop = Shop::default();
    let paths = webhooks::receiver::Paths { strike: "/hooks/strike".to_owned(), ..Default::default() };
    let url = serve(webhooks::receiver::router(shop.clone(), &paths)).await;
    let sender = webhooks::sender::Sender::new(Config::default(), &signed("s1gned")).unwrap();

    let strike = StrikeBody::Json(api::types::StrikeBody { until: "2026-11-30".to_owned() });
    let answer = sender.strike(&format!("{url}/hooks/strike"), strike.clone()).answer().await.unwrap();
    assert_eq!(answer, StrikeResponse::Ok(StrikeOkBody { waits: true }));
    let text = StrikeBody::Text("a strike".to_owned());
    sender.strike(&format!("{url}/hooks/strike"), text).await.unwrap();
    let closed = DepotClosedBody { name: "Süd".to_owned(), for_good: Some(false) };
    let answer = sender.depot_closed(&format!("{url}/depot_closed"), &closed).answer().await.unwrap();
    assert_eq!(answer, DepotClosedResponse::NoContent);
    assert_eq!(
        *shop.heard.lock().unwrap(),
        ["strike until 2026-11-30", "a strike", "POST depotClosed of Süd closed: Some(false)"]
    );

    let elsewhere = sender.strike(&format!("{url}/strike"), strike.clone()).await.unwrap_err();
    assert_eq!(elsewhere.status(), Some(rt::StatusCode::NOT_FOUND));
    let forger = webhooks::sender::Sender::new(Config::default(), &signed("f0rged")).unwrap();
    let refused = forger.strike(&format!("{url}/hooks/strike"), strike.clone()).await.unwrap_err();
    assert_eq!(refused.status(), Some(rt::StatusCode::FORBIDDEN));
    let unsigned = webhooks::sender::Sender::new(Config::default(), &Credentials::default()).unwrap();
    let error = unsigned.strike(&url, strike).await.unwrap_err();
    assert!(matches!(*error, Error::MissingCredential { .. }), "{error}");
}

#[tokio::test]
async fn a_callback_is_sent_and_received_and_checked() {
    let shop = Shop::default();
    let url = serve(callbacks::receiver::router(shop.clone(), &Default::default())).await;
    let sender = callbacks::sender::Sender::new(Config::default()).unwrap();
    let at = format!("{url}/delivered");
    let parcel = |parcel| Delivery { parcel, signed_by: None };
    assert_eq!(sender.delivered(&at, 1, &parcel(7)).answer().await.unwrap(), DeliveredResponse::NoContent);
    assert_eq!(sender.delivered(&at, 2, &parcel(8)).answer().await.unwrap(), DeliveredResponse::Gone);
    let refused = sender.delivered(&at, 0, &parcel(9)).await.unwrap_err();
    assert_eq!(refused.status(), Some(rt::StatusCode::BAD_REQUEST));
    assert_eq!(*shop.heard.lock().unwrap(), ["parcel 7 at attempt 1", "parcel 8 at attempt 2"]);
    let nowhere = sender.delivered("file:///etc/passwd", 1, &parcel(7)).await.unwrap_err();
    assert!(matches!(*nowhere, Error::InvalidRequest(_)), "{nowhere}");
}

/// Who brings parcels. It tells callers where each is delivered, once it is asked about it.
struct Bringer(callbacks::sender::Sender);

impl Courier for Bringer {
    type Principal = ();

    async fn check_credentials(&self, _: Credentials, _: &Context) -> HandlerResult<()> {
        Ok(())
    }

    async fn send_parcel(
        &self,
        request: server::SendParcelRequest,
        _: &Context,
    ) -> HandlerResult<SendParcelResponse> {
        if let Some(url) = request.delivered_url() {
            // A server that is no test looks at where it leads.
            let told = self.0.delivered(&url, 1, &Delivery { parcel: 7, signed_by: None }).answer().await;
            assert_eq!(told.unwrap(), DeliveredResponse::NoContent);
        }
        let depot = request.urgent.unwrap_or_default().then(|| Depot { name: "North".to_owned() });
        let headers = SendParcelCreatedHeaders { x_trace: "t 1".to_owned() };
        Ok(SendParcelResponse::Created { body: Parcel { id: 7, depot }, headers })
    }

    async fn get_parcel(
        &self,
        request: server::GetParcelRequest,
        _: &Context,
    ) -> HandlerResult<GetParcelResponse> {
        Ok(GetParcelResponse::Ok(Parcel { id: request.parcel_id, depot: None }))
    }

    async fn list_events(
        &self,
        request: server::ListEventsRequest,
        _: &Context,
    ) -> HandlerResult<ListEventsResponse> {
        let server::ListEventsRequest { parcel_id, trace, kinds } = request;
        Ok(ListEventsResponse::Ok(vec![format!("{parcel_id} {trace:?} {kinds:?}")]))
    }

    async fn get_depot(
        &self,
        request: server::GetDepotRequest,
        _: &Context,
    ) -> HandlerResult<GetDepotResponse> {
        let server::GetDepotRequest { name, near } = request;
        Ok(GetDepotResponse::Ok(Depot { name: format!("{name} near {near:?}") }))
    }
}

#[tokio::test]
async fn a_link_is_followed_with_what_the_exchange_says() {
    let shop = Shop::default();
    let hook = serve(callbacks::receiver::router(shop.clone(), &Default::default())).await;
    let sender = callbacks::sender::Sender::new(Config::default()).unwrap();
    let url = serve(server::router(Bringer(sender))).await;
    let client =
        Client::new(&url, &Credentials { token: Some("t".into()), ..Credentials::default() }).unwrap();
    let parcel = NewParcel {
        address: Address { street: "Hauptstr. 1".to_owned() },
        notify: Some(format!("{hook}/delivered")),
    };
    let answer = client.send_parcel(&parcel).urgent(true).answer().await.unwrap();
    // Where the callback goes, the request says.
    assert_eq!(*shop.heard.lock().unwrap(), ["parcel 7 at attempt 1"]);

    let found = client.parcel_of_send_parcel(&answer).unwrap().answer().await.unwrap();
    assert_eq!(found, GetParcelResponse::Ok(Parcel { id: 7, depot: None }));
    let events = client.events_of_send_parcel(&answer).unwrap().answer().await.unwrap();
    assert_eq!(events, ListEventsResponse::Ok(vec![r#"7 Some("t 1") Some(["left"])"#.to_owned()]));
    let depot = client.depot_of_send_parcel(&answer, &parcel).unwrap().answer().await.unwrap();
    let name = r#"North near Some("Hauptstr. 1")"#.to_owned();
    assert_eq!(depot, GetDepotResponse::Ok(Depot { name }));
    let again = client.again_of_send_parcel(&answer, None, &parcel).unwrap().answer().await.unwrap();
    // What is not there cannot be followed: this parcel was not urgent, so it is in no depot.
    assert!(client.depot_of_send_parcel(&again, &parcel).is_none());
    assert!(client.parcel_of_send_parcel(&SendParcelResponse::PaymentRequired).is_none());
}
