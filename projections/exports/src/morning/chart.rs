//! Charts of SVG, drawn with whole numbers: bars that are told apart by their pattern, each with its figure beside it, so
//! that they are read without colour and on paper.

use super::html::Html;

/// A group of bars: what it is called, and the value and the words of each.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) bars: Vec<(i128, String)>,
}

/// What a chart says in words: its title, its description, and what each bar of a group is.
pub(super) struct Legend<'a> {
    /// Its name in the page, for labels.
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) about: &'a str,
    pub(super) series: &'a [&'a str],
}

/// Fills of the bars of a group, in their order: plain, and hatched.
const FILLS: [&str; 2] = ["#1d4f7c", "url(#hatched)"];
const WIDTH: i128 = 720;
const NAME_WIDTH: i128 = 96;
/// Of the longest bar; what is behind it is for its figure.
const BAR_WIDTH: i128 = 430;
const BAR: i128 = 16;
const GAP: i128 = 10;

/// Horizontal bars, group below group: names on the left, figures on the right of each bar.
pub(super) fn bars(html: &mut Html, legend: &Legend<'_>, groups: &[Group]) {
    let most = groups.iter().flat_map(|group| &group.bars).map(|(value, _)| value.abs()).max().unwrap_or(0).max(1);
    let rows = |group: &Group| i128::try_from(group.bars.len()).unwrap_or(0);
    let key_height = if legend.series.len() > 1 { 24 } else { 0 };
    let height = groups.iter().fold(key_height, |height, group| height + rows(group) * BAR + GAP);
    let (title, about) = (format!("{}-title", legend.id), format!("{}-about", legend.id));
    let labelled = format!("{title} {about}");
    let view = format!("0 0 {WIDTH} {height}");
    html.within("svg", &[("role", "img"), ("viewBox", &view), ("aria-labelledby", &labelled)], |html| {
        html.words("title", &[("id", &title)], legend.title);
        html.words("desc", &[("id", &about)], legend.about);
        if legend.series.len() > 1 {
            key(html, legend.series);
        }
        let mut top = key_height;
        for group in groups {
            let middle = top + rows(group) * BAR / 2 + 5;
            let at = [("x", NAME_WIDTH - 8), ("y", middle)];
            text(html, at, "end", &group.name);
            for (nth, (value, words)) in group.bars.iter().enumerate() {
                let length = value.abs() * BAR_WIDTH / most;
                if *value != 0 {
                    rectangle(html, [NAME_WIDTH, top + 1, length.max(1), BAR - 3], fill(nth));
                }
                text(html, [("x", NAME_WIDTH + length + 6), ("y", top + BAR - 4)], "start", words);
                top += BAR;
            }
            top += GAP;
        }
    });
}

fn fill(nth: usize) -> &'static str {
    FILLS.get(nth).copied().unwrap_or("#1d4f7c")
}

/// Which pattern is what.
fn key(html: &mut Html, series: &[&str]) {
    let mut left = NAME_WIDTH;
    for (nth, name) in series.iter().enumerate() {
        rectangle(html, [left, 3, 14, 12], fill(nth));
        text(html, [("x", left + 20), ("y", 14)], "start", name);
        left += 40 + 8 * i128::try_from(name.chars().count()).unwrap_or(0);
    }
}

/// Left, top, width, height.
fn rectangle(html: &mut Html, at: [i128; 4], fill: &str) {
    let [x, y, width, height] = at.map(|number| number.to_string());
    let with =
        [("x", x.as_str()), ("y", &y), ("width", &width), ("height", &height), ("fill", fill), ("stroke", "#1d4f7c")];
    html.within("rect", &with, |_| ());
}

fn text(html: &mut Html, at: [(&'static str, i128); 2], anchor: &str, words: &str) {
    let [(x, left), (y, top)] = at;
    let (left, top) = (left.to_string(), top.to_string());
    html.words("text", &[(x, &left), (y, &top), ("text-anchor", anchor)], words);
}

/// The pattern of hatched bars, once in a page.
pub(super) const PATTERNS: &str = "<svg width=\"0\" height=\"0\" aria-hidden=\"true\" focusable=\"false\"><defs>\
    <pattern id=\"hatched\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
    <rect width=\"6\" height=\"6\" fill=\"#fff\"/><rect width=\"3\" height=\"6\" fill=\"#b3541e\"/></pattern></defs></svg>";
