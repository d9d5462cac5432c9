import './ui/theme.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { markdown } from './markdown/pieces.ts';
import { reloadIfStale } from './ui/stale-page.ts';
import { applyTheme, loadTheme } from './ui/theme.ts';

applyTheme(loadTheme());
addEventListener('vite:preloadError', () => void reloadIfStale());
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id root.');
createRoot(root).render(<App />);
// Beside all that is asked of the server before there is a text to show.
markdown.load();
