// The sample browser, part 4: search, filters, and the list, of which only the rows in sight exist.
(() => {
  const $ = (id) => document.getElementById(id);
  if (!$("browser")) return;
  const { element } = phiDetail;
  const ROW = 44; // as in browser.css
  const DIFFER = "answers differ";
  let index, found = [], selected = 0, search = 0;
  const holding = new Map();

  const options = (select, all, names) => {
    select.append(new Option(all, ""));
    for (const name of names) select.append(new Option(name, name));
  };
  const words = () => $("f-text").value.toLowerCase().split(/\s+/).filter(Boolean);

  /// Whether a question's key, group or texts (of one arm, if one is chosen) hold all words.
  const holds = (q, answers, lists) => lists.every(([word, list]) => {
    const { questions, answers: columns, responses } = index;
    if (questions.key[q].toLowerCase().includes(word) || index.groups[questions.group[q]].toLowerCase().includes(word)) return true;
    if (list[questions.target[q]]) return true;
    return answers.some((a) => list[columns.prompt[a]] || phiData.responsesOf(a).some((r) =>
      list[responses.text[r]] || (responses.detail[r] >= 0 && list[responses.detail[r]])));
  });

  const matching = (lists) => {
    const arm = index.arms.indexOf($("f-arm").value), task = index.tasks.indexOf($("f-task").value);
    const wanted = $("f-verdict").value, verdict = index.verdicts.indexOf(wanted);
    const rows = [];
    for (let q = 0; q < index.questions.key.length; q++) {
      if (task >= 0 && index.questions.task[q] !== task) continue;
      const all = phiData.answersOf(q);
      const answers = arm < 0 ? all : all.filter((a) => index.sources[index.answers.source[a]].arm === arm);
      if (!answers.length) continue;
      if (wanted === DIFFER) {
        const rights = all.map((a) => index.right[index.answers.verdict[a]]);
        if (rights.every((right) => right === rights[0])) continue;
      } else if (verdict >= 0 && !answers.some((a) => index.answers.verdict[a] === verdict)) continue;
      if (lists.length && !holds(q, answers, lists)) continue;
      rows.push(q);
    }
    return rows;
  };

  const update = async () => {
    const turn = ++search;
    const lists = [];
    for (const word of words()) {
      if (!holding.has(word)) {
        $("count").textContent = "searching …";
        const list = await phiData.holding(word, () => turn === search);
        if (turn !== search) return;
        holding.set(word, list);
        if (holding.size > 12) holding.delete(holding.keys().next().value);
      }
      lists.push([word, holding.get(word)]);
    }
    found = matching(lists);
    const all = index.questions.key.length;
    $("count").textContent = found.length === all ? `${all} questions` : `${found.length} of ${all} questions`;
    $("rows").style.height = `${found.length * ROW}px`;
    $("list").scrollTop = 0;
    drawn = [-1, -1];
    choose(0);
  };

  /// How many answers of each arm are right: `scratch 2/3`.
  const marks = (q) => {
    const counts = new Map();
    for (const a of phiData.answersOf(q)) {
      const arm = index.sources[index.answers.source[a]].arm;
      const [right, n] = counts.get(arm) ?? [0, 0];
      counts.set(arm, [right + (index.right[index.answers.verdict[a]] ? 1 : 0), n + 1]);
    }
    const node = element("div", "marks");
    for (const [arm, [right, n]] of counts) {
      const mark = right === n ? "✓" : right === 0 ? "✗" : `${right}/${n}`;
      node.append(element("span", right === n ? "right-mark" : right === 0 ? "wrong-mark" : "", mark), ` ${index.arms[arm]}  `);
    }
    return node;
  };
  const row = (i) => {
    const q = found[i];
    const group = index.groups[index.questions.group[q]];
    const key = element("div", "key", element("span", "", index.questions.key[q]), group ? element("span", "tag", group) : null);
    const node = element("div", "row", key, marks(q));
    node.id = `row-${i}`;
    node.setAttribute("role", "option");
    node.setAttribute("aria-selected", String(i === selected));
    node.setAttribute("aria-posinset", String(i + 1));
    node.setAttribute("aria-setsize", String(found.length));
    node.style.top = `${i * ROW}px`;
    return node;
  };

  let drawn = [-1, -1];
  const draw = () => {
    const list = $("list");
    const from = Math.max(0, Math.floor(list.scrollTop / ROW) - 8);
    const to = Math.min(found.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 8);
    if (from === drawn[0] && to === drawn[1]) return;
    drawn = [from, to];
    const rows = [];
    for (let i = from; i < to; i++) rows.push(row(i));
    $("rows").replaceChildren(...rows);
  };

  const choose = (i) => {
    const list = $("list");
    if (!found.length) {
      list.removeAttribute("aria-activedescendant");
      $("rows").replaceChildren();
      $("detail").replaceChildren(element("p", "note", "No question matches."));
      return;
    }
    selected = Math.max(0, Math.min(found.length - 1, i));
    if (selected * ROW < list.scrollTop) list.scrollTop = selected * ROW;
    else if ((selected + 1) * ROW > list.scrollTop + list.clientHeight) list.scrollTop = (selected + 1) * ROW - list.clientHeight;
    drawn = [-1, -1];
    draw();
    list.setAttribute("aria-activedescendant", `row-${selected}`);
    const arm = index.arms.indexOf($("f-arm").value);
    const preferred = arm < 0 ? undefined : index.sources.findIndex((source) => source.arm === arm);
    phiDetail.show($("detail"), found[selected], preferred);
  };

  const keys = {
    ArrowDown: () => selected + 1,
    ArrowUp: () => selected - 1,
    PageDown: () => selected + 10,
    PageUp: () => selected - 10,
    Home: () => 0,
    End: () => found.length - 1,
  };

  const start = async () => {
    index = await phiData.load();
    options($("f-task"), "all tasks", [...index.tasks].sort());
    options($("f-verdict"), "all verdicts", [DIFFER, ...[...index.verdicts].sort()]);
    options($("f-arm"), "all arms", index.arms);
    let waiting = 0;
    $("filters").addEventListener("submit", (event) => event.preventDefault());
    $("filters").addEventListener("input", (event) => {
      clearTimeout(waiting);
      waiting = setTimeout(update, event.target.id === "f-text" ? 120 : 0);
    });
    $("list").addEventListener("scroll", draw, { passive: true });
    $("list").addEventListener("click", (event) => {
      const clicked = event.target.closest(".row");
      if (clicked) choose(Number(clicked.id.slice(4)));
    });
    $("list").addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); $("detail").focus(); return; }
      const move = keys[event.key];
      if (move) { event.preventDefault(); choose(move()); }
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, select, textarea");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) { event.preventDefault(); $("f-text").focus(); }
    });
    window.addEventListener("resize", draw);
    $("browser").hidden = false;
    await update();
  };

  // The data are unpacked when the reader comes near.
  const near = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) { near.disconnect(); start(); }
  }, { rootMargin: "1500px" });
  near.observe($("samples"));
})();
