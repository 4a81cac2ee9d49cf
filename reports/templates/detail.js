// The sample browser, part 3: one question with the answers of one source, or of two side by side.
const phiDetail = (() => {
  const element = (name, className, ...content) => {
    const node = document.createElement(name);
    if (className) node.className = className;
    node.append(...content.filter((part) => part !== null && part !== undefined));
    return node;
  };
  const sourceName = (s) => {
    const { arms, sources } = phiData.index;
    const seeds = sources.filter((other) => other.arm === sources[s].arm).length;
    return arms[sources[s].arm] + (seeds > 1 ? ` (seed ${sources[s].seed})` : "");
  };
  const verdictTag = (v) => {
    const { verdicts, right } = phiData.index;
    const mark = element("span", right[v] ? "right-mark" : "wrong-mark", right[v] ? "✓ " : "✗ ");
    return element("span", "", mark, verdicts[v]);
  };
  const response = async (r) => {
    const { responses } = phiData.index;
    const optional = async (id) => (id < 0 ? null : phiData.text(id));
    return {
      text: await phiData.text(responses.text[r]),
      verdict: responses.verdict[r],
      detail: await optional(responses.detail[r]),
      logLikelihood: responses.log_likelihood[r],
    };
  };

  /// The answers of a source: choices with their log-likelihoods as a table, texts as blocks.
  const answer = async (a) => {
    const { answers } = phiData.index;
    const all = await Promise.all(phiData.responsesOf(a).map(response));
    const side = element("div", "side",
      element("h4", "", `${sourceName(answers.source[a])}: `, verdictTag(answers.verdict[a])));
    if (all.some((r) => r.logLikelihood !== null) && all.every((r) => r.verdict < 0)) {
      side.append(choices(all));
    } else {
      all.forEach((r, i) => {
        if (all.length > 1) side.append(element("h4", "", `Answer ${i + 1}${r.verdict < 0 ? "" : ": "}`, r.verdict < 0 ? null : verdictTag(r.verdict)));
        side.append(element("pre", "completion", r.text));
        if (r.detail) side.append(element("pre", "traceback", r.detail));
      });
    }
    if (answers.left_out[a]) side.append(element("p", "note", `${answers.left_out[a]} more answers are in the run store.`));
    return side;
  };
  const choices = (all) => {
    const best = Math.max(...all.map((r) => r.logLikelihood ?? -Infinity));
    const table = element("table", "choices", element("thead", "", element("tr", "",
      element("th", "", "Continuation"), element("th", "", "Log-likelihood"))));
    const body = element("tbody");
    for (const r of all) {
      const picked = r.logLikelihood === best;
      body.append(element("tr", picked ? "picked" : "",
        element("td", "left", `${picked ? "▸ " : ""}${r.text}`),
        element("td", "", r.logLikelihood === null ? "–" : r.logLikelihood.toFixed(3))));
    }
    table.append(body);
    return element("div", "scroll", table);
  };

  const diff = async (a, b) => {
    const { answers } = phiData.index;
    const first = async (x) => {
      const [r] = phiData.responsesOf(x);
      return r === undefined ? { text: "", detail: null } : response(r);
    };
    const [left, right] = await Promise.all([first(a), first(b)]);
    const head = (x) => element("th", "", `${sourceName(answers.source[x])}: `, verdictTag(answers.verdict[x]));
    const body = element("tbody");
    for (const [l, r, kind] of phiDiff.rows(left.text, right.text)) {
      const changed = kind === "changed";
      body.append(element("tr", "",
        element("td", changed && l !== null ? "removed" : "", l ?? ""),
        element("td", changed && r !== null ? "added" : "", r ?? "")));
    }
    const table = element("table", "", element("thead", "", element("tr", "", head(a), head(b))), body);
    const traceback = (r) => element("div", "", r.detail ? element("pre", "traceback", r.detail) : null);
    return [element("div", "diff", table), element("div", "sides", traceback(left), traceback(right))];
  };
  const hasText = (a) => phiData.responsesOf(a).every((r) => phiData.index.responses.log_likelihood[r] === null);

  /// What is chosen, kept from question to question.
  const chosen = { left: null, right: null };
  let latest = 0;

  const show = async (pane, q, preferred) => {
    const turn = ++latest;
    const { questions, answers, tasks, groups } = phiData.index;
    const all = phiData.answersOf(q);
    const at = (source) => all.find((a) => answers.source[a] === source);
    const a = at(preferred) ?? at(chosen.left) ?? all[0];
    const b = chosen.right === null ? undefined : at(chosen.right);
    const content = [element("h3", "", questions.key[q],
      element("span", "tag", tasks[questions.task[q]]),
      groups[questions.group[q]] ? element("span", "tag", groups[questions.group[q]]) : null)];
    const select = (id, label, none, value, change) => {
      const node = element("select");
      node.id = id;
      if (none) node.append(new Option(none, ""));
      for (const x of all) {
        const s = answers.source[x];
        const mark = phiData.index.right[answers.verdict[x]] ? "✓" : "✗";
        node.append(new Option(`${mark} ${sourceName(s)}`, s));
      }
      node.value = value ?? "";
      node.addEventListener("change", () => change(node.value === "" ? null : Number(node.value)));
      return element("label", "", label, node);
    };
    const again = (id) => async () => { await show(pane, q); document.getElementById(id)?.focus(); };
    content.push(element("div", "choose",
      select("d-left", "Answer of", null, answers.source[a], (s) => { chosen.left = s; again("d-left")(); }),
      all.length > 1 ? select("d-right", "beside", "no other", b === undefined ? null : answers.source[b],
        (s) => { chosen.right = s; chosen.left = answers.source[a]; again("d-right")(); }) : null));
    content.push(element("h4", "", "Prompt"), element("pre", "prompt", await phiData.text(answers.prompt[a])));
    if (b !== undefined && b !== a) {
      if (answers.prompt[a] !== answers.prompt[b]) {
        content.push(element("p", "note", "The two were given different prompts; this is the first one's."));
      }
      if (hasText(a) && hasText(b)) content.push(...await diff(a, b));
      else content.push(element("div", "sides", await answer(a), await answer(b)));
    } else content.push(await answer(a));
    const target = await phiData.text(questions.target[q]);
    if (target) content.push(element("h4", "", "Right answer"), element("pre", "target", target));
    if (turn === latest) pane.replaceChildren(...content.filter(Boolean));
  };

  return { show, element, sourceName };
})();
