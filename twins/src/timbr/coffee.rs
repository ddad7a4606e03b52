//! Invents the rows of `coffee_trade`: a trade that began in 2024 and continues up to a moment. A row depends on its
//! number alone, so a later moment adds rows and changes none that is complete.

use jiff::Timestamp;
use serde_json::{Value, json};

const DAY: i64 = 86_400;
/// Monday, 1 January 2024.
const START: i64 = 1_704_067_200;
/// The maximum number of rows of a table, whatever the clock says.
const MAX: i64 = 6_000;
const ORDERS_A_WEEK: i64 = 14;
/// The numbers of the fixed rows in `spec/samples/timbr.json`.
const FIXED_ORDERS: std::ops::RangeInclusive<i64> = 9..=12;
const FIXED_ITEMS: std::ops::RangeInclusive<i64> = 21..=25;

const REGIONS: [(&str, &str, f64, f64); 8] = [
    ("Yirgacheffe", "Ethiopia", 6.16, 38.2),
    ("Sidama", "Ethiopia", 6.74, 38.47),
    ("Nyeri", "Kenya", -0.42, 36.95),
    ("Huila", "Colombia", 2.54, -75.53),
    ("Antigua", "Guatemala", 14.56, -90.73),
    ("Sul de Minas", "Brazil", -21.55, -45.44),
    ("Tarrazú", "Costa Rica", 9.66, -84.02),
    ("Aceh", "Indonesia", 4.7, 96.75),
];
const FARMS: [&str; 10] = [
    "Morning Hill",
    "Two Rivers",
    "La Ceiba",
    "El Mirador",
    "Old Terrace",
    "Santa Rita",
    "Green Slope",
    "Cloud Gate",
    "Red Earth",
    "Bird Tree",
];
const VARIETIES: [&str; 6] = ["Heirloom", "Bourbon", "Caturra", "SL28", "Typica", "Gesha"];
const PROCESSES: [&str; 3] = ["washed", "natural", "honey"];
const COUNTRIES: [&str; 8] =
    ["Norway", "Sweden", "Ireland", "Germany", "Portugal", "Canada", "Japan", "Chile"];
const FIRST: [&str; 12] = [
    "Harbour",
    "Lantern",
    "North Lane",
    "Copper",
    "Old Mill",
    "Corner",
    "Maple",
    "Tide",
    "Garden",
    "Bridge",
    "Amber",
    "Station",
];
const SECOND: [&str; 6] = ["Roasters", "Café", "Coffee House", "Espresso Bar", "Bakery", "Kitchen"];
const GIVEN: [&str; 16] = [
    "Ada", "Ben", "Chiara", "Dmitri", "Elif", "Farah", "Goran", "Hana", "Iker", "Jun", "Kofi", "Lena",
    "Mateo", "Nora", "Oskar", "Priya",
];
const FAMILY: [&str; 14] = [
    "Abara",
    "Brandt",
    "Castel",
    "Dunne",
    "Eriksen",
    "Fontana",
    "Grieg",
    "Hoshino",
    "Ivers",
    "Jansen",
    "Kaplan",
    "Lindqvist",
    "Moreau",
    "Novak",
];
const JOBS: [&str; 4] = ["owner", "head of purchasing", "buyer", "barista"];
const PRODUCTS: [(&str, f64); 7] = [
    ("Yirgacheffe, 1 kg", 28.0),
    ("House blend, 1 kg", 15.5),
    ("Decaf, 500 g", 14.0),
    ("Espresso, 1 kg", 21.0),
    ("Single farm, 250 g", 9.75),
    ("Cold brew, 12 bottles", 32.4),
    ("Filter paper, 100", 3.0),
];
const CARRIERS: [&str; 3] = ["Blue Parcel", "Northern Freight", "Bicycle Post"];

/// The rows of a table: of a concept, or of a link between concepts.
pub(crate) type Rows = Vec<(&'static str, Vec<Value>)>;

/// Returns the rows up to a moment, in seconds since 1970.
pub(crate) fn rows(now: i64) -> Rows {
    let mut rows = Rows::new();
    let mut add = |table, row: Value| {
        if let Value::Array(row) = row {
            rows.push((table, row));
        }
    };
    places(&mut add);
    let lots = (0..MAX).take_while(|n| lot_day(*n) < now).count() as i64;
    (0..lots).for_each(|n| add("lot", lot(n)));
    let customers = customers(now);
    (5..=customers).for_each(|n| add("customer", customer(n)));
    (1..=customers * 2).for_each(|n| add("person", person(n)));
    orders(now, &mut add);
    rows
}

type Add<'a> = dyn FnMut(&'static str, Value) + 'a;

fn places(add: &mut Add<'_>) {
    for (n, (name, country, latitude, longitude)) in (1..).zip(REGIONS) {
        add("region", json!([format!("r:{n}"), name, country, latitude, longitude]));
    }
    for n in 0..40 {
        let region = n % REGIONS.len() as i64;
        let (_, country, _, _) = pick(&REGIONS, region);
        let name = format!("{} {}", pick(&FARMS, n), 1 + n / 10);
        let founded = START - (2 + die("founded", n, 60)) * 365 * DAY;
        add(
            "farm",
            json!([
                format!("f:{}", n + 1),
                name,
                country,
                format!("r:{}", region + 1),
                900 + die("altitude", n, 110) * 10,
                bit(die("certified", n, 3) == 0),
                day(founded)
            ]),
        );
    }
}

fn lot_day(n: i64) -> i64 {
    START - 200 * DAY + n * 4 * DAY
}

fn lot(n: i64) -> Value {
    let farm = die("farm", n, 40);
    let is_organic = die("certified", farm, 3) == 0;
    json!([
        format!("l:{}", n + 1),
        format!("f:{}", farm + 1),
        format!("LOT-{:05}", 1000 + n),
        pick(&VARIETIES, die("variety", n, 6)),
        pick(&PROCESSES, die("process", n, 3)),
        day(lot_day(n)),
        10 + die("bags", n, 190),
        80.0 + die("score", n, 48) as f64 / 4.0,
        cents(450 + die("price", n, 900)),
        bit(is_organic)
    ])
}

/// Returns the number of customers: one more every nine days, from 20 at the start.
fn customers(moment: i64) -> i64 {
    (20 + (moment - START).max(0) / (9 * DAY)).min(400)
}

fn customer_since(n: i64) -> i64 {
    if n <= 20 { START - n * 11 * DAY } else { START + (n - 20) * 9 * DAY }
}

fn customer(n: i64) -> Value {
    let name = format!("{} {}", pick(&FIRST, n), pick(&SECOND, n / 12 + n));
    let name = if n > 72 { format!("{name} {}", n / 72 + 1) } else { name };
    let growth = (n % 7 != 0).then(|| (die("growth", n, 60) - 20) as f64 / 100.0);
    json!([
        format!("c:{n}"),
        pick(&COUNTRIES, die("country", n, 8)),
        name,
        bit(die("vip", n, 5) == 0),
        growth,
        day(customer_since(n)),
        500 + die("credit", n, 20) * 250
    ])
}

/// Two people a customer; the first is in charge of the second, and reports to the first of the customer before.
fn person(n: i64) -> Value {
    let employer = (n + 1) / 2;
    let name = format!("{} {}", pick(&GIVEN, n), pick(&FAMILY, n / 16 + n));
    let email = format!("{}.{n}@example.com", name.to_lowercase().replace(' ', "."));
    let is_first = n % 2 == 1;
    let manager = if is_first { n - 2 } else { n - 1 };
    let manager = (manager > 0 && (!is_first || employer % 4 != 1)).then(|| format!("p:{manager}"));
    json!([
        format!("p:{n}"),
        pick(&COUNTRIES, die("country", employer, 8)),
        name,
        email,
        pick(&JOBS, if is_first { die("job", n, 2) } else { 2 + die("job", n, 2) }),
        format!("c:{employer}"),
        manager,
        bit(die("active", n, 10) != 0)
    ])
}

/// Returns the moment of an order: 14 a week, on working days between 7 and 18 o'clock.
fn order_moment(n: i64) -> i64 {
    let (week, place) = (n / ORDERS_A_WEEK, n % ORDERS_A_WEEK);
    let hour = 7 + (place % 3) * 4 + die("hour", n, 3);
    START + week * 7 * DAY + place * 5 / ORDERS_A_WEEK * DAY + hour * 3_600 + die("minute", n, 60) * 60
}

fn orders(now: i64, add: &mut Add<'_>) {
    let mut item = 0;
    for n in 1..MAX {
        let moment = order_moment(n);
        if moment > now {
            break;
        }
        if FIXED_ORDERS.contains(&n) {
            continue;
        }
        let fee = 200 + die("fee", n, 8) * 50;
        let mut cents_total = fee;
        for place in 0..=die("items", n, 3) {
            item += 1;
            if FIXED_ITEMS.contains(&item) {
                item = FIXED_ITEMS.end() + 1;
            }
            let (product, price) = pick(&PRODUCTS, die("product", n * 4 + place, 7));
            let quantity = 1 + die("quantity", item, 12);
            cents_total += (price * 100.0).round() as i64 * quantity;
            let lots = (moment - lot_day(0)) / (4 * DAY);
            let lot =
                (product != "Filter paper, 100").then(|| format!("l:{}", 1 + die("lot", item, lots.max(1))));
            add("order_item", json!([format!("i:{item}"), format!("o:{n}"), lot, product, quantity, price]));
        }
        let chosen = 5 + die("first", n, customers(moment) - 4).min(die("second", n, customers(moment) - 4));
        let status = status(n, moment, now);
        add(
            "order",
            json!([
                format!("o:{n}"),
                format!("c:{chosen}"),
                cents(cents_total),
                day(moment),
                time(moment),
                status,
                bit(status == "delivered" || die("paid", n, 3) == 0),
                cents(fee)
            ]),
        );
        shipment(n, moment, now, add);
    }
}

fn is_cancelled(n: i64) -> bool {
    die("cancelled", n, 25) == 0
}

fn shipped(n: i64, moment: i64) -> i64 {
    moment + (6 + die("packed", n, 60)) * 3_600
}

fn delivered(n: i64, moment: i64) -> i64 {
    shipped(n, moment) + (20 + die("road", n, 90)) * 3_600
}

fn status(n: i64, moment: i64, now: i64) -> &'static str {
    match () {
        () if is_cancelled(n) => "cancelled",
        () if delivered(n, moment) <= now => "delivered",
        () if shipped(n, moment) <= now => "shipped",
        () => "placed",
    }
}

/// Adds the shipment of an order. Every third order is split: its second parcel also carries the order before.
fn shipment(n: i64, moment: i64, now: i64, add: &mut Add<'_>) {
    if is_cancelled(n) || shipped(n, moment) > now {
        return;
    }
    let arrived = delivered(n, moment);
    let parcels = if n % 3 == 0 { 2 } else { 1 };
    for parcel in 1..=parcels {
        let id = format!("s:{}", n * 2 + parcel - 1);
        let arrived = (arrived <= now).then(|| time(arrived));
        let is_delivered = bit(arrived.is_some());
        let code = format!("TRK{:08}", die("track", n * 2 + parcel, 90_000_000) + 10_000_000);
        add(
            "shipment",
            json!([
                id,
                code,
                pick(&CARRIERS, die("carrier", n, 3)),
                time(shipped(n, moment)),
                arrived,
                1.0 + die("weight", n * 2 + parcel, 200) as f64 / 10.0,
                is_delivered
            ]),
        );
        add("shipment_order", json!([id, format!("o:{n}")]));
        if parcel == 2 && !is_cancelled(n - 1) && !FIXED_ORDERS.contains(&(n - 1)) {
            add("shipment_order", json!([id, format!("o:{}", n - 1)]));
        }
    }
}

/// Returns a number below `sides` that depends on the purpose and the number alone (SplitMix64).
fn die(purpose: &str, number: i64, sides: i64) -> i64 {
    let salt = purpose.bytes().fold(0_u64, |salt, byte| salt.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut state = (number as u64).wrapping_add(salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((state ^ (state >> 31)) % sides.max(1) as u64) as i64
}

fn pick<T: Copy + Default, const N: usize>(list: &[T; N], number: i64) -> T {
    list.get(number.unsigned_abs() as usize % N).copied().unwrap_or_default()
}

fn bit(truth: bool) -> i64 {
    i64::from(truth)
}

/// Converts cents to an amount.
fn cents(cents: i64) -> f64 {
    cents as f64 / 100.0
}

/// Formats seconds since 1970 as a date.
pub(crate) fn day(seconds: i64) -> String {
    stamp(seconds, "%Y-%m-%d")
}

/// Formats seconds since 1970 as a time, UTC.
pub(crate) fn time(seconds: i64) -> String {
    stamp(seconds, "%Y-%m-%d %H:%M:%S")
}

fn stamp(seconds: i64, format: &str) -> String {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).strftime(format).to_string()
}
