// The start of an app: theme and language first, so that the first thing painted is already right.
// Imported before the app itself, so that what a component says of its looks comes after base.css.
import './styles/base.css';
import { mount, type Component } from 'svelte';
import { startLanguage } from './i18n/language.svelte';
import { startTheme } from './lib/theme.svelte';

export function start(app: Component): void {
  startTheme();
  startLanguage();
  mount(app, { target: document.getElementById('app')! });
}
