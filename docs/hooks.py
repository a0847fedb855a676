"""What the pages need beyond Markdown, when MkDocs builds them."""

import re
from typing import Any

ROLE = re.compile(r":math:<code>(.*?)</code>", re.DOTALL)


def on_page_content(html: str, **_: Any) -> str:
    """Show formulas of docstrings as they are typed: no script from elsewhere typesets them."""
    return ROLE.sub(r'<code class="formula">\1</code>', html)
