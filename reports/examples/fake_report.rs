//! Writes a report of a synthetic run, to look at the page without training anything.
//!
//! `cargo run -p phi-reports --example fake_report -- report.html [ARMS SEEDS QUESTIONS | data]`

#[path = "../tests/common/mod.rs"]
mod common;

/// Models seldom say the same twice: one answer a sample, each with lines of its own.
fn make_distinct(run: &mut phi_reports::Run) {
    let mut dice = common::Dice(1);
    for sample in run.arms.iter_mut().flat_map(|arm| &mut arm.samples) {
        sample.responses.truncate(1);
        let lines = 4 + (8.0 * dice.unit()) as usize;
        let noise: String = (0..lines)
            .map(|i| format!("    value_{i} = x * {} - {}\n", dice.next() % 9_973, dice.next() % 97))
            .collect();
        sample.responses[0].text.insert_str(0, &noise);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (path, sizes) = arguments.split_first().ok_or("usage: fake_report FILE.html [ARMS SEEDS QUESTIONS | data]")?;
    let is_data = sizes.first().is_some_and(|size| size == "data");
    let sizes: &[String] = if is_data { &[] } else { sizes };
    let sizes: Vec<usize> = sizes.iter().map(|size| size.parse()).collect::<Result<_, _>>()?;
    let mut run = match sizes[..] {
        [] if is_data => common::data_run(),
        [] => common::run(&common::SPECS, 3, 400),
        [arms, seeds, questions] => common::run(&common::many(arms), seeds as u64, questions),
        _ => return Err("ARMS, SEEDS and QUESTIONS go together".into()),
    };
    if !sizes.is_empty() {
        make_distinct(&mut run);
    }
    let begun = std::time::Instant::now();
    let analysis = phi_reports::Analysis::of(&run);
    let analysed = begun.elapsed();
    let page = phi_reports::render_html(&run, &analysis)?;
    let note = format!("analysed in {analysed:.1?}, {} bytes in {:.1?}\n", page.len(), begun.elapsed());
    std::fs::write(path, page)?;
    std::io::Write::write_all(&mut std::io::stdout(), (phi_reports::table(&analysis) + &note).as_bytes())?;
    Ok(())
}
