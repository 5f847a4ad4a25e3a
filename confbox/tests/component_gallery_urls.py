"""The site with the page of all components, which it has only while it is developed."""

from django.urls import path

from confbox.component_gallery import component_gallery
from confbox.urls import urlpatterns as site

urlpatterns = [*site, path("components/", component_gallery)]
