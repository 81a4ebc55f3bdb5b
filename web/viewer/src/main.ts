import { start } from '$shared/start';
import App from './app/App.svelte';

start(App);
