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
use rt::server::{Context, Handled};

use api::callbacks::{self, DeliveredResponse};
use api::operations::StrikeBody;
use api::security::Credentials;
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
    async fn check_credentials(&self, credentials: Credentials, context: &Context) -> Handled<()> {
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
    ) -> Handled<StrikeResponse> {
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
    ) -> Handled<DepotClosedResponse> {
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
    ) -> Handled<DeliveredResponse> {
        self.hear(format!("parcel {} at attempt {}", request.body.parcel, request.x_attempt));
        Ok(if request.body.parcel == 7 { DeliveredResponse::NoContent } else { DeliveredResponse::Gone })
    }
}

fn signed(secret: &str) -> Credentials {
    Credentials { signature: Some(secret.into()), token: Some("not for receivers".into()) }
}

#[tokio::test]
async fn a_webhook_is_sent_and_received() {
    let shop = Shop::default();
    let paths = webhooks::receiver::Paths { strike: "/hooks/strike".to_owned(), ..Default::default() };
    let url = serve(webhooks::receiver::router(shop.clone(), &paths)).await;
    let sender = webhooks::sender::Sender::new(Config::default(), &signed("s1gned")).unwrap();

    let strike = StrikeBody::Json(api::types::StrikeBody { until: "2026-11-30".to_owned() });
    let answer = sender.strike(&format!("{url}/hooks/strike"), strike.clone()).await.unwrap();
    assert_eq!(answer, StrikeResponse::Ok(StrikeOkBody { waits: true }));
    let text = StrikeBody::Text("a strike".to_owned());
    sender.strike(&format!("{url}/hooks/strike"), text).await.unwrap();
    let closed = DepotClosedBody { name: "Süd".to_owned(), for_good: Some(false) };
    let answer = sender.depot_closed(&format!("{url}/depot_closed"), &closed).await.unwrap();
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
    assert!(matches!(error, Error::MissingCredential { .. }), "{error}");
}

#[tokio::test]
async fn a_callback_is_sent_and_received_and_checked() {
    let shop = Shop::default();
    let url = serve(callbacks::receiver::router(shop.clone(), &Default::default())).await;
    let sender = callbacks::sender::Sender::new(Config::default()).unwrap();
    let at = format!("{url}/delivered");
    let parcel = |parcel| Delivery { parcel, signed_by: None };
    assert_eq!(sender.delivered(&at, 1, &parcel(7)).await.unwrap(), DeliveredResponse::NoContent);
    assert_eq!(sender.delivered(&at, 2, &parcel(8)).await.unwrap(), DeliveredResponse::Gone);
    let refused = sender.delivered(&at, 0, &parcel(9)).await.unwrap_err();
    assert_eq!(refused.status(), Some(rt::StatusCode::BAD_REQUEST));
    assert_eq!(*shop.heard.lock().unwrap(), ["parcel 7 at attempt 1", "parcel 8 at attempt 2"]);
    let nowhere = sender.delivered("file:///etc/passwd", 1, &parcel(7)).await.unwrap_err();
    assert!(matches!(nowhere, Error::InvalidRequest(_)), "{nowhere}");
}
