"""Which class serves which interface of `omero.api`.

Names are ``module:Class`` so that the table can be read without importing the services.
"""

_HERE = "napari_omero_io.sandbox.services"

#: One instance a session, made when first asked for.
STATELESS = {
    "IAdmin": f"{_HERE}.admin:AdminService",
    "IConfig": f"{_HERE}.config:ConfigService",
    "IContainer": f"{_HERE}.container:ContainerService",
    "ILdap": f"{_HERE}.ldap:LdapService",
    "IMetadata": f"{_HERE}.metadata:MetadataService",
    "IPixels": f"{_HERE}.pixels:PixelsService",
    "IProjection": f"{_HERE}.projection:ProjectionService",
    "IQuery": f"{_HERE}.query:QueryService",
    "IRenderingSettings": f"{_HERE}.rendering_settings:RenderingSettingsService",
    "IRepositoryInfo": f"{_HERE}.repository_info:RepositoryInfoService",
    "IRoi": f"{_HERE}.roi:RoiService",
    "IScript": f"{_HERE}.script:ScriptService",
    "ISession": f"{_HERE}.session:SessionService",
    "IShare": f"{_HERE}.share:ShareService",
    "ITimeline": f"{_HERE}.timeline:TimelineService",
    "ITypes": f"{_HERE}.types:TypesService",
    "IUpdate": f"{_HERE}.update:UpdateService",
}

#: A new instance for every ``create…``; closed by the client or with the session.
STATEFUL = {
    "Exporter": f"{_HERE}.exporter:Exporter",
    "JobHandle": f"{_HERE}.job_handle:JobHandle",
    "RawFileStore": f"{_HERE}.raw_file_store:RawFileStore",
    "RawPixelsStore": f"{_HERE}.raw_pixels_store:RawPixelsStore",
    "RenderingEngine": f"{_HERE}.rendering_engine:RenderingEngine",
    "Search": f"{_HERE}.search:Search",
    "ThumbnailStore": f"{_HERE}.thumbnail_store:ThumbnailStore",
}

#: In the interface, not in the sandbox: every operation is refused by name.
REFUSED = ("MetadataStore",)
