// Debian's Firefox, driven by puppeteer-core over WebDriver BiDi.
import puppeteer from 'puppeteer-core';
import { atEnd, needBrowser } from './run.mjs';

function proxyPrefs(proxy) {
  if (!proxy) return { 'network.proxy.type': 0 };
  const { hostname, port } = new URL(proxy);
  return {
    'network.proxy.type': 1,
    'network.proxy.http': hostname,
    'network.proxy.http_port': Number(port),
    'network.proxy.ssl': hostname,
    'network.proxy.ssl_port': Number(port),
    'network.proxy.no_proxies_on': '',
    'network.proxy.allow_hijacking_localhost': true,
  };
}

/** `proxy`: `http://host:port`, for all addresses, this machine's own included; or none. */
export async function openFirefox({ proxy } = {}) {
  const executablePath = needBrowser('/usr/bin/firefox-esr');
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    extraPrefsFirefox: {
      ...proxyPrefs(proxy),
      'media.peerconnection.ice.loopback': true,
      'dom.min_background_timeout_value': 4, // pages go on working behind the windows they open
      'dom.timeout.enable_budget_timer_throttling': false,
      'security.warn_submit_secure_to_insecure': false, // a question would stop the page
      'network.websocket.delay-failed-reconnects': false,
      'dom.disable_open_during_load': false, // windows need no click: the hostile page has it easier
    },
  });
  atEnd(() => browser.close());
  return browser;
}
