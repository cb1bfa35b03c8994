// A running task is asked for again every second, and only its part of the page exchanged. Without
// this the page loads itself anew.
(() => {
  const part = document.getElementById('task');
  if (!part || part.dataset.over) return;
  const again = async () => {
    const answer = await fetch(location.pathname).catch(() => null);
    if (answer && answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.getElementById('task');
      if (!fresh || fresh.dataset.over) {
        location.reload();
        return;
      }
      for (const name of ['task-bar', 'task-state']) {
        const [old, now] = [document.getElementById(name), page.getElementById(name)];
        if (old && now) old.replaceWith(document.adoptNode(now));
      }
    }
    setTimeout(again, 1000);
  };
  setTimeout(again, 1000);
})();
