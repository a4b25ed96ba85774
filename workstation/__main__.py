"""`python -m workstation`."""

from workstation.app import main

if __name__ == "__main__":
    raise SystemExit(main())
