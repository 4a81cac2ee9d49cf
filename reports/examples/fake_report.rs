//! Writes a report of a synthetic run, to look at the page without training anything.
//!
//! `cargo run -p phi-reports --example fake_report -- report.html`

#[path = "../tests/common/mod.rs"]
mod common;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: fake_report FILE.html")?;
    let run = common::run(&common::SPECS, 3, 400);
    let analysis = phi_reports::Analysis::of(&run);
    std::fs::write(path, phi_reports::render_html(&run, &analysis)?)?;
    std::io::Write::write_all(&mut std::io::stdout(), phi_reports::table(&analysis).as_bytes())?;
    Ok(())
}
