// What the viewer's API says, as it says it: docs/dev/protocols/viewer-api.md.

export interface Self {
  peerID: string;
  label: string;
  siteUrl: string;
  siteOrigin: string;
  addresses: string[];
  link: string;
  version: string;
  started: number; // ms since 1970; changes when the peer was restarted
  connections: number;
}

export interface Connection {
  peerID: string;
  label: string;
  address: string;
  direction: 'inbound' | 'outbound';
  rttMicros: number | null;
  openedAt: number; // ms since 1970
  streams: number;
  siteUrl: string;
}

export interface Connections {
  cursor: string;
  connections: Connection[];
}

export interface Visit {
  peerID: string;
  siteUrl: string;
}

/** The body of every answer that is not a 2xx. */
export interface ErrorBody {
  error: string; // plain words, English
  code: string; // stable; pages translate by it
  hint: string; // what to do, English, may be empty
}
