// Server-sent events from a fetch body (EventSource cannot send the session header).
//
// Follows the "event stream interpretation" of the HTML standard, apart from `retry`, which our
// reader decides by itself. Bytes may be cut anywhere, also inside a character or a CR LF.

export interface ServerEvent {
  id: string; // the last id seen, as the standard says: it stays until another one comes
  event: string;
  data: string;
}

export const maxEventChars = 1 << 20; // ours; the longest event the peer sends is far below

export class EventParser {
  private readonly decoder = new TextDecoder('utf-8'); // drops a leading byte order mark
  private rest = '';
  private swallowLf = false;
  private id = '';
  private event = '';
  private data: string[] = [];
  private size = 0;

  /** The events completed by these bytes. Throws RangeError when one grows past the cap. */
  push(bytes: Uint8Array): ServerEvent[] {
    let text = this.decoder.decode(bytes, { stream: true });
    if (this.swallowLf && text.length > 0) {
      if (text[0] === '\n') text = text.slice(1);
      this.swallowLf = false;
    }
    const lines = (this.rest + text).split(/\r\n|\n|\r/);
    this.rest = lines.pop() ?? '';
    // A CR at the very end ended its line; its LF, should it follow, ends no other.
    if (text.endsWith('\r')) this.swallowLf = true;
    if (this.rest.length > maxEventChars) throw new RangeError('event too long');

    const events: ServerEvent[] = [];
    for (const line of lines) {
      const done = this.line(line);
      if (done) events.push(done);
    }
    return events;
  }

  private line(line: string): ServerEvent | null {
    if (line === '') return this.dispatch();
    if (line[0] === ':') return null;
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value[0] === ' ') value = value.slice(1);
    if (field === 'event') this.event = value;
    else if (field === 'id' && !value.includes('\0')) this.id = value;
    else if (field === 'data') {
      this.size += value.length + 1;
      if (this.size > maxEventChars) throw new RangeError('event too long');
      this.data.push(value);
    }
    return null;
  }

  private dispatch(): ServerEvent | null {
    const { data, event } = this;
    this.data = [];
    this.event = '';
    this.size = 0;
    if (data.length === 0) return null;
    return { id: this.id, event: event || 'message', data: data.join('\n') };
  }
}
