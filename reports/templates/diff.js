// The sample browser, part 2: lines of two texts side by side.
const phiDiff = (() => {
  /// Rows of [left, right, kind]; kind is "same" or "changed"; null where one side has no line.
  const rows = (a, b) => {
    const left = a.split("\n"), right = b.split("\n");
    let start = 0;
    while (start < left.length && start < right.length && left[start] === right[start]) start++;
    let end = 0;
    while (end < left.length - start && end < right.length - start
      && left[left.length - 1 - end] === right[right.length - 1 - end]) end++;
    const middle = between(left.slice(start, left.length - end), right.slice(start, right.length - end));
    const same = (line) => [line, line, "same"];
    return [...left.slice(0, start).map(same), ...middle, ...left.slice(left.length - end).map(same)];
  };

  /// By the longest common subsequence of lines; of very long texts everything counts as changed.
  const between = (left, right) => {
    const n = left.length, m = right.length;
    const table = n * m > 4e6 ? null : Array.from({ length: n + 1 }, () => new Uint32Array(m + 1));
    if (table) {
      for (let i = n - 1; i >= 0; i--) {
        for (let j = m - 1; j >= 0; j--) {
          table[i][j] = left[i] === right[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
        }
      }
    }
    const out = [];
    let gone = [], come = [];
    const flush = () => {
      for (let k = 0; k < Math.max(gone.length, come.length); k++) out.push([gone[k] ?? null, come[k] ?? null, "changed"]);
      gone = [];
      come = [];
    };
    let i = 0, j = 0;
    while (i < n || j < m) {
      if (table && i < n && j < m && left[i] === right[j]) {
        flush();
        out.push([left[i], right[j], "same"]);
        i++; j++;
      } else if (i < n && (!table || j >= m || table[i + 1][j] >= table[i][j + 1])) gone.push(left[i++]);
      else come.push(right[j++]);
    }
    flush();
    return out;
  };

  return { rows };
})();
