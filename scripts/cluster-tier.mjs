/**
 * What a run of the scenarios on a cluster comes to, from its exit code and the file of its outcomes. A run without
 * outcomes has failed, whatever its exit code says: something ended it before it had any.
 * @param {number | null} status
 * @param {string | undefined} report JSON: `pass`, `fail` or `skipped` for each scenario
 */
export function clusterCounts(status, report) {
  const results = outcomesOf(report);
  const count = (result) => results.filter((one) => one === result).length;
  const [passed, failed, skipped] = ['pass', 'fail', 'skipped'].map(count);
  const isOver = status === 0 && results.length > 0;
  const notRun = skipped > 0 ? [`${skipped} of them skipped: they need a cluster of their own`] : [];
  return { passed, failed: failed === 0 && !isOver ? 1 : failed, notRun };
}

function outcomesOf(report) {
  try {
    return JSON.parse(report ?? '[]');
  } catch {
    // The disk was full, or the run was killed while it wrote.
    return [];
  }
}
