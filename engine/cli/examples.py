"""Two examples for each command, as --help and the man pages show them: a command line, what it does."""

from __future__ import annotations

Examples = tuple[tuple[str, str], ...]

EXAMPLES: dict[str, Examples] = {
    "tessera": (
        ("tessera render photo.jpg", "1,000 triangles, into outputs/photo/"),
        ("tessera film photo -s 2160", "film that run anew, in 4K"),
    ),
    "render": (
        ("tessera render photo.jpg -n 300 --shape quad", "300 shapes of four corners"),
        ("tessera render photo.jpg --preset stipple --no-film", "dots, and no film"),
    ),
    "resume": (
        ("tessera resume photo", "go on where outputs/photo was stopped"),
        ("tessera resume photo --effort 4 --time 10m", "better still, in ten minutes at most"),
    ),
    "batch": (
        ("tessera batch photos/*.jpg -n 500 --until 06:00", "all of them, until the morning"),
        ("tessera batch --jobs-file jobs.yaml --outputs prints", "as a file of jobs says"),
    ),
    "spec": (
        ("tessera spec photo.jpg -n 300 > mine.yaml", "settings to keep, and to edit"),
        ("tessera spec mine.yaml --preset linocut", "what a preset changes"),
    ),
    "serve": (
        ("tessera serve", "on this machine alone, at http://127.0.0.1:8000/"),
        ("tessera serve --host 0.0.0.0 --token @secret", "for those who know the word in the file"),
    ),
    "film": (
        ("tessera film photo -s 2160 --duration 20s", "in 4K, twenty seconds long"),
        ("tessera film photo --format gif --max-bytes 8MB", "a small one to send"),
    ),
    "animate": (
        ("tessera animate photo --effect assemble", "the shapes fly in"),
        ("tessera animate photo --effect morph --to outputs/cat", "one picture turns into another"),
    ),
    "export": (
        ("tessera export photo --format pdf --page a3", "a poster of vectors"),
        ("tessera export photo --format png -s 8000", "the picture, 8,000 pixels long"),
    ),
    "report": (
        ("tessera report photo", "writes outputs/photo/report.html"),
        ("tessera report /archive/photo -q", "the same of a run elsewhere, silently"),
    ),
    "status": (
        ("tessera status --watch", "all runs in outputs/, again every second"),
        ("tessera status photo --json", "one of them, for a program"),
    ),
    "prune": (
        ("tessera prune --older 30d", "show which runs are older than a month"),
        ("tessera prune --keep 20 --snapshots --yes", "keep films of the newest twenty only"),
    ),
    "doctor": (
        ("tessera doctor", "does this machine have all it takes?"),
        ("tessera doctor --warm", "compile all kernels, before they are needed"),
    ),
    "words": (
        ("tessera words page.png", "how many words are on this page?"),
        ("tessera words page.png --json", "and where each of them is"),
    ),
    "brush": (
        ("tessera brush dataset --brush oil --out data/oil", "strokes to learn from"),
        ("tessera help brush dataset", "what a command of these takes"),
    ),
    "brush train": (
        ("tessera brush train --data data/oil --out out/oil", "a hybrid, which --painter brush paints with"),
        ("tessera brush train --kind gan --data data/oil --out out/gan --minutes 5", "a published network"),
    ),
    "brush compare": (
        ("tessera brush compare data/oil oil out/vae/vae.npz out/gan/gan.npz", "which kind paints better?"),
        (
            "tessera brush compare data/oil oil charcoal --picture me.jpg -o c.html",
            "by a picture of one's own",
        ),
    ),
    "brush dataset": (
        ("tessera brush dataset --brush oil --out data/oil", "100,000 strokes of a brush that comes along"),
        ("tessera brush dataset --brush my.myb --count 40000 --out data/my", "of one of your own"),
    ),
    "painters": (
        ("tessera painters", "shapes, looks, and what they are"),
        ("tessera painters --json", "the same, for a program"),
    ),
    "channels": (
        ("tessera channels squeezenet/fire6", "what its 384 channels draw, to choose one"),
        ("tessera channels squeezenet/fire6 --only 160-191 -s 256", "some of them, larger"),
    ),
    "presets": (
        ("tessera presets", "the recipes that --preset takes"),
        ("tessera render photo.jpg --preset linocut", "one of them"),
    ),
    "formats": (
        ("tessera formats", "what is read, and what comes out"),
        ("tessera formats --json", "the same, for a program"),
    ),
    "samples": (
        ("tessera samples", "the pictures that come along"),
        ("tessera render coffee -n 500", "one of them, in 500 triangles"),
    ),
    "completion": (
        ('eval "$(tessera completion bash)"', "in ~/.bashrc; zsh likewise"),
        ("tessera completion fish | source", "in ~/.config/fish/config.fish"),
    ),
    "man": (
        ("tessera man render | man -l -", "read a page"),
        ("tessera man --to ~/.local/share/man/man1", "then man tessera-render works"),
    ),
}
