//! Asking on a terminal, with dialoguer: a line of text, one of some, any of some, yes or no.

use std::io::ErrorKind;

use anyhow::{Context, Error, Result};
use dialoguer::console::{self, Style, StyledObject, Term};
use dialoguer::theme::ColorfulTheme;
use dialoguer::{Confirm, Input, MultiSelect, Select};

use crate::interrupt::{Interrupt, Interrupted};
use crate::table::broken;
use crate::terminal;

/// Why an answer will not do.
pub type Refusal = String;

/// Someone who can be asked. Whatever ends the asking early leaves the cursor visible, at the start of a line.
pub struct Person {
    theme: ColorfulTheme,
    interrupt: Interrupt,
}

/// Something to choose, and what it means.
pub struct Choice {
    pub word: String,
    pub meaning: String,
}

/// Which choices are taken if nothing is changed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Marked {
    All,
    None,
}

impl Choice {
    pub fn new(word: impl Into<String>, meaning: impl Into<String>) -> Self {
        Self {
            word: word.into(),
            meaning: meaning.into(),
        }
    }
}

impl Person {
    pub fn new() -> Result<Self> {
        console::set_colors_enabled_stderr(terminal::colours_errors());
        Ok(Self {
            theme: theme(),
            interrupt: Interrupt::listen()?,
        })
    }

    /// A line of text, asked for until `check` has nothing against it. The hint may be empty.
    pub fn text(
        &self,
        question: &str,
        hint: &str,
        check: impl Fn(&str) -> Result<(), Refusal>,
    ) -> Result<String> {
        // Room for the marks and a short answer: a line that wraps would not be cleared away whole.
        let fits = question.len() + hint.len() + 16 <= room();
        let prompt = match hint {
            "" => question.to_owned(),
            hint if fits => format!("{question} ({hint})"),
            hint => {
                terminal::tell(&broken(hint, room()).join("\n"));
                question.to_owned()
            }
        };
        let input = Input::<String>::with_theme(&self.theme)
            .with_prompt(prompt)
            .with_post_completion_text(question)
            .allow_empty(true)
            .validate_with(|typed: &String| check(typed.trim()).map_err(|why| folded(&why)));
        self.answer(|| input.interact_text().map(Some))
            .map(|typed| typed.trim().to_owned())
    }

    /// A line of text for which nothing typed means `default`.
    pub fn text_or(
        &self,
        question: &str,
        default: &str,
        check: impl Fn(&str) -> Result<(), Refusal>,
    ) -> Result<String> {
        let input = Input::<String>::with_theme(&self.theme)
            .with_prompt(question)
            .default(default.to_owned())
            .validate_with(|typed: &String| check(typed.trim()).map_err(|why| folded(&why)));
        self.answer(|| input.interact_text().map(Some))
            .map(|typed| typed.trim().to_owned())
    }

    /// One of `choices`, by its index; the first is under the cursor.
    pub fn choose(&self, question: &str, choices: &[Choice]) -> Result<usize> {
        let select = Select::with_theme(&self.theme)
            .with_prompt(question)
            .items(lines(choices))
            .report(false)
            .default(0);
        let chosen = self.answer(|| select.interact_opt())?;
        self.report(question, &choices[chosen].word);
        Ok(chosen)
    }

    /// Any of `choices`, by their indices.
    pub fn choose_any(
        &self,
        question: &str,
        choices: &[Choice],
        marked: Marked,
    ) -> Result<Vec<usize>> {
        let select = MultiSelect::with_theme(&self.theme)
            .with_prompt(format!("{question} (space changes, enter ends)"))
            .items_checked(
                lines(choices)
                    .into_iter()
                    .map(|line| (line, marked == Marked::All)),
            )
            .report(false);
        let chosen = self.answer(|| select.interact_opt())?;
        let words: Vec<&str> = chosen.iter().map(|i| &*choices[*i].word).collect();
        self.report(question, &words.join(", "));
        Ok(chosen)
    }

    /// Yes or no, and no is what nothing typed means.
    pub fn confirm(&self, question: &str) -> Result<bool> {
        let confirm = Confirm::with_theme(&self.theme)
            .with_prompt(question)
            .default(false);
        self.answer(|| confirm.interact_opt())
    }

    /// What dialoguer says of an answer would repeat the whole line of a choice, its meaning included.
    fn report(&self, question: &str, answer: &str) {
        let ColorfulTheme {
            success_prefix,
            success_suffix,
            prompt_style,
            values_style,
            ..
        } = &self.theme;
        terminal::tell(&format!(
            "{success_prefix} {} {success_suffix} {}",
            prompt_style.apply_to(question),
            values_style.apply_to(answer)
        ));
    }

    fn answer<T>(&self, ask: impl FnOnce() -> dialoguer::Result<Option<T>>) -> Result<T> {
        self.interrupt.check()?;
        let stopped = match ask() {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => Error::new(Interrupted),
            Err(dialoguer::Error::IO(error)) => match error.kind() {
                ErrorKind::Interrupted | ErrorKind::UnexpectedEof => Error::new(Interrupted),
                _ => Error::new(error).context("cannot ask on this terminal"),
            },
        };
        let term = Term::stderr();
        term.show_cursor()
            .and_then(|()| term.write_line(""))
            .context("cannot write to the terminal")?;
        Err(stopped)
    }
}

fn lines(choices: &[Choice]) -> Vec<String> {
    let width = choices.iter().map(|choice| choice.word.chars().count());
    let width = width.max().unwrap_or_default();
    // Before each stands its mark. A line that wraps would be redrawn in the wrong place.
    choices
        .iter()
        .map(|Choice { word, meaning }| {
            let line = format!("{word:width$}  {meaning}");
            let tail = terminal::spelt("…");
            console::truncate_str(line.trim_end(), room(), &tail).into_owned()
        })
        .collect()
}

/// How many columns there are beside a mark.
fn room() -> usize {
    terminal::width_for_questions().saturating_sub(4).max(8)
}

/// A refusal has its mark before it, and is cleared away by the number of its lines.
fn folded(why: &str) -> String {
    let lines: Vec<&str> = why.lines().flat_map(|line| broken(line, room())).collect();
    terminal::spelt(&lines.join("\n"))
}

fn theme() -> ColorfulTheme {
    let mark = |mark: &str, style: Style| -> StyledObject<String> {
        style.for_stderr().apply_to(terminal::spelt(mark))
    };
    let dim = || Style::new().dim();
    ColorfulTheme {
        prompt_suffix: mark("›", dim()),
        hint_style: dim().for_stderr(),
        success_prefix: mark("✔", Style::new().green()),
        success_suffix: mark("·", dim()),
        error_prefix: mark("✘", Style::new().red()),
        active_item_prefix: mark("❯", Style::new().green()),
        checked_item_prefix: mark("✔", Style::new().green()),
        unchecked_item_prefix: mark("·", dim()),
        ..ColorfulTheme::default()
    }
}
