//! `scaffold doctor`: what this machine lacks.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use anyhow::{Result, bail};

use crate::cli::{self, Output};
use crate::doctor::{self, Examination, Finding, Platform, Purpose, State};
use crate::progress;
use crate::terminal;

const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const BOLD: Style = Style::new().bold();

/// As wide as the longest name.
const NAME: usize = 15;

pub fn run(cli::Doctor {}: &cli::Doctor, output: &Output) -> Result<()> {
    let examine = || doctor::examine(Platform::HERE);
    let found = progress::during("asking the programs for their versions", output, examine);
    if output.json {
        let shown = serde_json::to_value(&found)?;
        terminal::print(&format!("{shown:#}\n"))?;
    } else if !output.quiet {
        terminal::print(&text(&found))?;
    }
    if !found.can_build {
        bail!(
            "this machine lacks what a project needs to be built\nhelp: get what is marked above, then run this again"
        );
    }
    if output.says_more() {
        terminal::tell(if found.can_deploy {
            "all there: projects can be built, tested and deployed from here"
        } else {
            "projects can be built and tested here; to deploy them, get what is marked above"
        });
    }
    Ok(())
}

fn text(found: &Examination) -> String {
    let mut text =
        format!("{BOLD}to build and test{BOLD:#} (Docker and an AWS account are not needed)\n");
    for tool in found
        .tools
        .iter()
        .filter(|tool| tool.needed_to == Purpose::Build)
    {
        line(&mut text, tool);
    }
    let _ = writeln!(text, "\n{BOLD}to deploy{BOLD:#}");
    for tool in found
        .tools
        .iter()
        .filter(|tool| tool.needed_to == Purpose::Deploy)
    {
        line(&mut text, tool);
    }
    let name = "AWS credentials";
    let _ = match (&found.credentials.source, found.credentials.get_them) {
        (Some(source), _) => writeln!(text, "  {name:NAME$}  {GREEN}found{GREEN:#}: {source}"),
        (None, get_them) => {
            let _ = writeln!(text, "  {name:NAME$}  {YELLOW}none{YELLOW:#}");
            writeln!(
                text,
                "  {:NAME$}  get them: {}",
                "",
                get_them.unwrap_or_default()
            )
        }
    };
    text
}

fn line(text: &mut String, tool: &Finding) {
    let Finding {
        name,
        version,
        minimum,
        tested,
        get_it,
        ..
    } = tool;
    let version = version.as_deref().unwrap_or_default();
    let bad = if tool.needed_to == Purpose::Build {
        RED
    } else {
        YELLOW
    };
    let said = match tool.state {
        State::Fine => format!("{GREEN}{version}{GREEN:#}"),
        State::TooOld => format!(
            "{bad}{version} is too old{bad:#}, {} is the oldest that will do",
            minimum.unwrap_or_default()
        ),
        State::Missing => format!("{bad}missing{bad:#}"),
        State::Broken => format!("{bad}does not run{bad:#}"),
    };
    let tested = match tested {
        Some(tested) if *tested != version => format!(" (tested with {tested})"),
        _ => String::new(),
    };
    let _ = writeln!(text, "  {name:NAME$}  {said}{tested}");
    if let Some(get_it) = get_it {
        let _ = writeln!(text, "  {:NAME$}  get it: {get_it}", "");
    }
}
