"""The site with the component gallery, which it has only in development."""

from django.urls import path

from confbox.component_gallery import component_gallery
from confbox.urls import urlpatterns as site

urlpatterns = [*site, path("components/", component_gallery)]
