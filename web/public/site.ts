// What the program's own pages do with script: the choice of a theme, copying, QR codes.
// The words come with the page (data- attributes of <body>), so there is no table of texts here.
import { encode } from 'uqr';
import './site.css';

// --- theme: the viewer's, where the page belongs to a viewer ---

const themeKey = 'goop.theme';
const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

function savedTheme(): Theme {
  const saved = localStorage.getItem(themeKey);
  return themes.find((one) => one === saved) ?? 'system';
}

function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function addThemeChoice(): void {
  const words = document.body.dataset;
  const names = { system: words.themeSystem, light: words.themeLight, dark: words.themeDark };
  const choice = document.createElement('select');
  choice.setAttribute('aria-label', words.themeName ?? '');
  for (const theme of themes) choice.add(new Option(names[theme], theme, false, theme === savedTheme()));
  choice.addEventListener('change', () => {
    const chosen = themes[choice.selectedIndex] ?? 'system';
    localStorage.setItem(themeKey, chosen);
    applyTheme(chosen);
  });
  document.querySelector('header')?.append(choice);
}

// --- copying ---

// The clipboard's own interface is for secure pages only, which a server on a local network is not.
async function copy(source: Element): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(source.textContent ?? '');
    return true;
  } catch {
    getSelection()?.selectAllChildren(source);
    return document.execCommand('copy');
  }
}

function enableCopying(button: HTMLButtonElement): void {
  const source = button.parentElement?.querySelector('code');
  if (!source) return;
  const said = document.createElement('span');
  said.setAttribute('role', 'status');
  button.after(said);
  button.hidden = false;
  button.addEventListener('click', async () => {
    const words = document.body.dataset;
    said.textContent = ((await copy(source)) ? words.copied : words.notCopied) ?? '';
    setTimeout(() => (said.textContent = ''), 4000);
  });
}

// --- QR codes: one SVG path, dark on white in both themes, since scanners expect it so ---

function drawQr(figure: HTMLElement): void {
  const code = encode(figure.dataset.qr ?? '', { ecc: 'L', border: 4 });
  const cells = code.data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  const svg = draw('svg', { role: 'img', viewBox: `0 0 ${code.size} ${code.size}`, 'shape-rendering': 'crispEdges' });
  svg.setAttribute('aria-label', figure.dataset.qrName ?? '');
  svg.append(draw('rect', { width: `${code.size}`, height: `${code.size}`, fill: '#fff' }));
  svg.append(draw('path', { d: cells.join(''), fill: '#10201a' }));
  figure.replaceChildren(svg);
}

function draw(name: string, attributes: Record<string, string>): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

applyTheme(savedTheme());
addThemeChoice();
document.querySelectorAll<HTMLButtonElement>('button[data-copy]').forEach(enableCopying);
document.querySelectorAll<HTMLElement>('[data-qr]').forEach(drawQr);
