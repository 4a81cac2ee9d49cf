// The sample browser. Everything that a model wrote goes into the page as text, never as markup.
(() => {
  "use strict";
  const PAGE = 20;
  const data = JSON.parse(document.getElementById("sample-data").textContent);
  const $ = (id) => document.getElementById(id);
  if (!data.questions.length) { $("count").textContent = "This run kept no samples."; return; }

  const isRight = (verdict) => verdict === "passed" || verdict === "right";
  const unique = (values) => [...new Set(values)].sort();
  const options = (select, all, values) => {
    select.append(new Option(all, ""));
    for (const value of values) select.append(new Option(value, value));
  };
  options($("f-arm"), "all arms", data.arms);
  options($("f-task"), "all tasks", unique(data.questions.map((q) => q.task)));
  options($("f-verdict"), "all verdicts", ["arms differ", ...unique(data.questions.flatMap((q) => q.answers.map((a) => a.verdict)))]);
  for (const question of data.questions) {
    question.haystack = [question.key, question.group, question.prompt, question.target,
      ...question.answers.flatMap((a) => a.responses.flatMap((r) => [r.text, r.detail || "", r.verdict || ""]))]
      .join("\n").toLowerCase();
  }

  const element = (name, className, text) => {
    const node = document.createElement(name);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const block = (parent, title, text) => {
    parent.append(element("h4", "", title), element("pre", "", text));
  };
  const verdictTag = (label, verdict) => element("span", isRight(verdict) ? "v ok" : "v", label);

  const matching = () => {
    const arm = $("f-arm").value, task = $("f-task").value, verdict = $("f-verdict").value;
    const words = $("f-text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [];
    for (const question of data.questions) {
      if (task && question.task !== task) continue;
      if (!words.every((word) => question.haystack.includes(word))) continue;
      const answers = question.answers.filter((a) => !arm || data.arms[a.arm] === arm);
      if (!answers.length) continue;
      if (verdict === "arms differ") {
        if (new Set(question.answers.map((a) => isRight(a.verdict))).size < 2) continue;
      } else if (verdict && !answers.some((a) => a.verdict === verdict)) continue;
      found.push([question, answers]);
    }
    return found;
  };

  const fill = (body, question, answers) => {
    block(body, "Prompt", question.prompt);
    for (const answer of answers) {
      answer.responses.forEach((response, i) => {
        const which = answer.responses.length > 1 ? `, answer ${i + 1}` : "";
        const verdict = response.verdict || answer.verdict;
        const likelihood = response.log_likelihood === undefined ? "" : `, log-likelihood ${response.log_likelihood.toFixed(3)}`;
        block(body, `${data.arms[answer.arm]} (seed ${answer.seed})${which}: ${verdict}${likelihood}`, response.text);
        if (response.detail) body.append(element("pre", "", response.detail));
      });
    }
    if (question.target) block(body, "Right answer", question.target);
  };

  const card = ([question, answers]) => {
    const details = element("details", "sample");
    const summary = element("summary");
    summary.append(element("span", "key", question.key));
    if (question.group) summary.append(element("span", "tag", question.group));
    for (const answer of answers) summary.append(verdictTag(`${data.arms[answer.arm]}: ${answer.verdict}`, answer.verdict));
    details.append(summary);
    details.addEventListener("toggle", () => {
      if (!details.open || details.childElementCount > 1) return;
      const body = element("div", "body");
      fill(body, question, answers);
      details.append(body);
    });
    return details;
  };

  let found = [], shown = 0;
  const more = () => {
    const next = found.slice(shown, shown + PAGE);
    $("samples").append(...next.map(card));
    shown += next.length;
    $("more").hidden = shown >= found.length;
  };
  const update = () => {
    found = matching();
    shown = 0;
    $("samples").replaceChildren();
    $("count").textContent = `${found.length} of ${data.questions.length} questions`;
    more();
  };
  $("filters").hidden = false;
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("filters").addEventListener("input", update);
  $("more").addEventListener("click", more);
  update();
})();
