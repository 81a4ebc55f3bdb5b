// The screens of the viewer. A new one is a component and a line here; `nav` puts it into the
// navigation, which shows itself as soon as there is more than one choice.
import type { Component } from 'svelte';
import type { PlainKey } from '../i18n/text';
import Home from '../screens/Home.svelte';

/** What every screen gets: the `:name` parts of its path. */
export interface ScreenProps {
  params: Record<string, string>;
}

export interface Screen {
  path: string;
  title: PlainKey;
  nav: boolean;
  component: Component<ScreenProps> | Component; // one without parameters takes no props
}

export const screens: readonly Screen[] = [{ path: '/', title: 'home.title', nav: true, component: Home }];
