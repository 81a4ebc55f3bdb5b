// Entry: theme and language first, so that the first thing painted is already right.
import { mount } from 'svelte';
import App from './app/App.svelte';
import { startLanguage } from './i18n/language.svelte';
import { startTheme } from './lib/theme.svelte';
import './styles/base.css';

startTheme();
startLanguage();
mount(App, { target: document.getElementById('app')! });
