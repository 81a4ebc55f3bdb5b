// The screens of the viewer. A new one is a component, a line here, and its path among the shell's in
// src/viewer/route_table.cpp; `nav` puts it into the navigation.
import type { Component } from 'svelte';
import type { PlainKey } from '$shared/i18n/fill';
import type { en } from '../i18n/en';
import Home from '../screens/Home.svelte';
import Peers from '../screens/Peers.svelte';

/** What every screen gets: the `:name` parts of its path. */
export interface ScreenProps {
  params: Record<string, string>;
}

export interface Screen {
  path: string;
  title: PlainKey<typeof en>;
  nav: boolean;
  component: Component<ScreenProps> | Component; // one without parameters takes no props
}

export const screens: readonly Screen[] = [
  { path: '/', title: 'home.title', nav: true, component: Home },
  { path: '/peers', title: 'seen.title', nav: true, component: Peers },
];
