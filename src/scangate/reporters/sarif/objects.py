"""The SARIF 2.1.0 object model: sarif-om, mended where it differs from the final standard. Nothing else imports it.

sarif-om 1.0.4 was generated from the draft rtm.4, where the `status` of a suppression was called `state`.
"""

from typing import Any

import attr
from sarif_om import (
    ArtifactContent,
    ArtifactLocation,
    Invocation,
    Location,
    LogicalLocation,
    Message,
    MultiformatMessageString,
    Notification,
    PhysicalLocation,
    Region,
    ReportingConfiguration,
    ReportingDescriptor,
    ReportingDescriptorReference,
    ReportingDescriptorRelationship,
    Result,
    Run,
    RunAutomationDetails,
    SarifLog,
    Tool,
    ToolComponent,
    ToolComponentReference,
    VersionControlDetails,
)


@attr.s
class Suppression:
    """Why a result is not to be acted upon (SARIF 2.1.0, section 3.35)."""

    kind: Any = attr.ib(metadata={"schema_property_name": "kind"})
    status: Any = attr.ib(default=None, metadata={"schema_property_name": "status"})
    justification: Any = attr.ib(default=None, metadata={"schema_property_name": "justification"})


__all__ = [
    "ArtifactContent",
    "ArtifactLocation",
    "Invocation",
    "Location",
    "LogicalLocation",
    "Message",
    "MultiformatMessageString",
    "Notification",
    "PhysicalLocation",
    "Region",
    "ReportingConfiguration",
    "ReportingDescriptor",
    "ReportingDescriptorReference",
    "ReportingDescriptorRelationship",
    "Result",
    "Run",
    "RunAutomationDetails",
    "SarifLog",
    "Suppression",
    "Tool",
    "ToolComponent",
    "ToolComponentReference",
    "VersionControlDetails",
]
