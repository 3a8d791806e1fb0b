"""A Chromium that nobody looks at, and what it need not do."""

from __future__ import annotations

#: Playwright's own, which are said again because the browser heeds only the last switch of a kind
#: (`test_unseen` compares them with those of the Playwright that is installed).
PLAYWRIGHTS = (
    "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay", "MediaRouter",
    "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch", "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning", "msEdgeUpdateLaunchServicesPreferredVersion", "msForceBrowserSignIn",
)  # fmt: skip
#: Two pages that the address bar of every window keeps ready, and a process for the page after the next.
DEAR = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess")
SWITCHES = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    f"--disable-features={','.join(PLAYWRIGHTS + DEAR)}",
)
