// In a worker of the hostile page: `#` names what to import as a script, and to fetch.
(async () => {
  const url = decodeURIComponent(self.location.hash.slice(1));
  const say = (outcome, note) => self.postMessage([outcome, note]);
  try {
    importScripts(url);
    return say('through', 'imported');
  } catch (error) {
    try {
      const answer = await fetch(url, { mode: 'no-cors', credentials: 'include' });
      say(answer.type === 'opaque' || answer.ok ? 'through' : 'refused', `fetched by a worker: ${answer.type} ${answer.status}`);
    } catch {
      say('refused', error.name);
    }
  }
})();
