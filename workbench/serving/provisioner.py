"""Jupyter's kernels from the warm process, and the ordinary way where that is not to be had."""

import sys
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager

from workbench.serving.forks import Fork, Forks

LAUNCHER = ["-m", "ipykernel_launcher"]


class ForkingProvisioner(LocalProvisioner):
    """Starts a kernel by forking; all else is as with a process of its own."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel if `cmd` is this Python's own kernel, or else run it."""
        fork = await self._forked(cmd, kwargs)
        if fork is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process: Any = fork
        self.pid = self.pgid = fork.pid
        self.cwd = kwargs["cwd"]
        return self.connection_info

    async def _forked(self, cmd: list[str], asked: dict[str, Any]) -> Fork | None:
        manager: Any = self.parent
        forks: Forks | None = manager.parent.forks  # those of `Kernels`
        is_ours = cmd[:1] == [sys.executable] and cmd[1:3] == LAUNCHER
        if forks is None or not is_ours or "cwd" not in asked:
            return None
        return await forks.launch(cmd[3:], str(asked["cwd"]), asked["env"])


class ForkingManager(ServerKernelManager):
    """Manages one kernel that `Kernels` started."""

    async def start_kernel(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]  # theirs is async too
        """Start it; the way that was found once is kept for restarts."""
        if self.provisioner is None:
            self.provisioner = ForkingProvisioner(
                kernel_id=kwargs.get("kernel_id", ""), kernel_spec=self.kernel_spec, parent=self
            )
        start: Any = super().start_kernel
        await start(*args, **kwargs)
