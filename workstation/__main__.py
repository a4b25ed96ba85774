"""`python -m workstation`."""

from multiprocessing import freeze_support

if __name__ == "__main__":
    # Before the rest: in a frozen program this is where the feed process turns off to its own work. And not at the top,
    # since the feed process of a program that is not frozen reads this file too and needs nothing of the window's.
    freeze_support()

    from workstation.app import main

    raise SystemExit(main())
