// Entry: theme and language first, so that the first thing painted is already right.
import { mount } from 'svelte';
import { startLanguage } from '../../viewer/src/i18n/language.svelte';
import { startTheme } from '../../viewer/src/lib/theme.svelte';
import '../../viewer/src/styles/base.css';
import App from './App.svelte';

startTheme();
startLanguage();
mount(App, { target: document.getElementById('app')! });
