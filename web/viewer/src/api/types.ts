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
  profile: Profile;
  appearsOffline: boolean;
  servers: Server[];
  twin?: Twin;
}

/** Another computer that runs with our identity. */
export interface Twin {
  where: string; // its address, may be empty
  seen: number; // ms since 1970
}

/** A rendezvous server through which others find us. */
export interface Server {
  url: string;
  state: string;
  up: boolean;
  error?: string;
  nextTry?: number; // ms since 1970
  clockAheadMs?: number; // our clock less theirs: why they take nothing of us
}

/** The folder of the own site, and what in it visitors do not get. */
export interface OwnSite {
  folder: string;
  notices: { kind: 'no_folder' | 'no_front_page' | 'not_readable' | 'link'; path: string }[];
}

/** What goop.json says of the person. */
export interface Profile {
  label: string;
  email: string;
  shareEmail: boolean;
  listed: boolean;
}

/** A peer that is or was here. Its texts are a stranger's. */
export interface KnownPeer {
  peerID: string;
  label: string; // may be empty
  email: string; // may be empty
  online: boolean;
  reachable: boolean; // it answered lately
  way: 'direct' | 'relay' | 'none'; // of a connection to it
  address: string; // of that connection, may be empty
  proof: 'signature' | 'connection' | 'hearsay'; // what stands behind what is shown
  verified: boolean; // a server vouches for the e-mail address
  knownBy: ('connection' | 'gossip' | 'rendezvous')[];
  favorite: boolean;
  lastSeen: number; // ms since 1970
  siteUrl: string;
}

export interface KnownPeers {
  cursor: string;
  peers: KnownPeer[];
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
