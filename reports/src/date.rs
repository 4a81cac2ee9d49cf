//! Dates as people write them, in UTC, and seconds since 1970.
//!
//! The calendar is Howard Hinnant's `days_from_civil` and `civil_from_days` ("chrono-Compatible Low-Level Date Algorithms").

const DAY_S: i64 = 86_400;

/// Seconds since 1970 of `2026-02-03` (its midnight) or `2026-02-03T14:05:00Z`; `None` if it is neither.
pub fn parse(text: &str) -> Option<u64> {
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time.strip_suffix('Z')?, ':', [2, 2, 2])?;
    let days = days(year, month, day);
    if civil(days) != (year, month, day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    u64::try_from(days * DAY_S + hour * 3600 + minute * 60 + second).ok()
}

/// `2026-02-03T14:05:00Z`.
pub fn iso(unix_s: u64) -> String {
    // Beyond the year 9999 the format has no room.
    const LAST: u64 = 253_402_300_799;
    let s = unix_s.min(LAST);
    let (year, month, day) = civil((s / DAY_S as u64) as i64);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", s / 3600 % 24, s / 60 % 60, s % 60)
}

fn numbers(text: &str, separator: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let parts: Vec<&str> = text.split(separator).collect();
    let fits = parts.len() == 3
        && parts.iter().zip(widths).all(|(p, width)| p.len() == width && p.bytes().all(|b| b.is_ascii_digit()));
    if !fits {
        return None;
    }
    Some([parts[0].parse().ok()?, parts[1].parse().ok()?, parts[2].parse().ok()?])
}

fn days(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::{iso, parse};
    use proptest::prelude::*;

    #[test]
    fn known_dates_are_themselves() {
        assert_eq!(parse("1970-01-01"), Some(0));
        assert_eq!(parse("2000-02-29T12:00:00Z"), Some(951_825_600));
        assert_eq!(iso(1_769_947_500), "2026-02-01T12:05:00Z");
        for wrong in
            ["", "2026-02-30", "2026-13-01", "2026-2-1", "2026-02-01T24:00:00Z", "2026-02-01T10:00", "1969-12-31"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_second_comes_back(s in 0_u64..253_402_300_800) {
            prop_assert_eq!(parse(&iso(s)), Some(s));
        }
    }
}
